import { bytesCodec } from '@colony/host'
import { type NodeHost, nodeHost } from '@colony/host/node'
import {
  createRaft,
  type Raft,
  type RaftStatus,
  type ReadConsistency,
  type ReadOptions,
  type StateMachine,
} from '@colony/raft'
import { fileStorage } from '@colony/raft/node'
import { serve } from '../measure/child.ts'
import { type Load, type LoadResult, runClosedLoop } from '../measure/closed-loop.ts'
import { BENCH_CHANNEL, CLIENT, decodePut, encodePut, readRequests, Replies } from './bench-protocol.ts'
import { keyOf, KEYS, VALUE, VALUE_BYTES } from './workload.ts'

/** One member of a durable cluster, in its own process: defaults throughout. */
export type DurableServer = typeof methods

interface MapMachine extends StateMachine<Uint8Array, number> {
  get(key: string): Uint8Array | undefined
}

let host: NodeHost | undefined
let raft: Raft<MapMachine> | undefined

const methods = {
  /** Takes a free port and returns the address of it. */
  async listen({ id, clusterId }: { readonly id: string; readonly clusterId: string }): Promise<string> {
    host = nodeHost({ clusterId, listen: '127.0.0.1:0' })
    await host.open(id)
    return host.transport.localAddress ?? ''
  },

  /** Joins the cluster and answers clients. */
  async join(options: {
    readonly id: string
    readonly members: Readonly<Record<string, string>>
    readonly directory: string
  }): Promise<void> {
    const { id, members, directory } = options
    const { transport } = required(host)
    const storage = await fileStorage(directory)
    const joined = await createRaft({
      id,
      members,
      storage,
      host: required(host),
      machine: mapMachine(),
      codec: bytesCodec,
      // For the reads that use it; nothing else is changed by it.
      maxClockDrift: 0.01,
    })
    raft = joined
    const replies = new Replies((frame) => transport.send(CLIENT, BENCH_CHANNEL, frame))
    transport.receive(BENCH_CHANNEL, (_, frame) => {
      readRequests(frame, (id, command) => attempt(joined, command, (ok) => replies.add(id, ok)))
    })
  },

  /** Learns where a client is: answers go over a connection of their own. */
  introduce({ id, address }: { readonly id: string; readonly address: string }): void {
    required(host).addresses.set(id, address)
  },

  /** The node's view of itself. */
  status(): RaftStatus {
    return required(raft).status()
  },

  /** Proposes from within this process. */
  async load(load: Load): Promise<LoadResult> {
    const proposer = required(raft)
    const commands = Array.from({ length: KEYS }, (_, key) => encodePut(keyOf(key), VALUE))
    let sequence = 0
    return await runClosedLoop(load, (done) => {
      attempt(proposer, commands[sequence++ % KEYS] ?? VALUE, done)
    })
  },

  /** Reads from within this process, one key at a time. */
  async reads({
    consistency,
    ...load
  }: Load & { readonly consistency: ReadConsistency }): Promise<LoadResult> {
    const reader = required(raft)
    const keys = Array.from({ length: KEYS }, (_, key) => keyOf(key))
    const options = { consistency }
    let sequence = 0
    return await runClosedLoop(load, (done) => {
      const key = keys[sequence++ % KEYS] ?? ''
      attemptRead(reader, key, options, done)
    })
  },
}

function attempt(proposer: Raft<MapMachine>, command: Uint8Array, settle: (ok: boolean) => void): void {
  proposer.propose(command).then(
    () => settle(true),
    () => settle(false),
  )
}

function attemptRead(
  reader: Raft<MapMachine>,
  key: string,
  options: ReadOptions,
  settle: (ok: boolean) => void,
): void {
  reader
    .read((machine) => machine.get(key), options)
    .then(
      ({ value }) => settle(value?.length === VALUE_BYTES),
      () => settle(false),
    )
}

/** A map of values of one size, copied into one buffer: what `apply` is given is a view, and keeping it would keep all that came with it. */
function mapMachine(): MapMachine {
  const places = new Map<string, number>()
  const values = new Uint8Array(KEYS * VALUE_BYTES)
  return {
    get(key) {
      const place = places.get(key)
      return place === undefined ? undefined : values.subarray(place * VALUE_BYTES, (place + 1) * VALUE_BYTES)
    },
    apply(command) {
      const { key, value } = decodePut(command)
      let place = places.get(key)
      if (place === undefined) {
        place = places.size
        places.set(key, place)
      }
      values.set(value, place * VALUE_BYTES)
      return places.size
    },
  }
}

function required<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('called out of turn: listen, then join, then the rest')
  return value
}

serve(methods)
