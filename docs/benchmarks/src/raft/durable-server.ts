import { bytesCodec } from '@colony/host'
import { type NodeHost, nodeHost } from '@colony/host/node'
import { createRaft, type Raft, type RaftStatus, type ReadConsistency, type ReadOptions } from '@colony/raft'
import { fileStorage } from '@colony/raft/node'
import { serve } from '../measure/child.ts'
import { type Load, type LoadResult, runClosedLoop } from '../measure/closed-loop.ts'
import { BENCH_CHANNEL, CLIENT, encodePut, readRequests, Replies } from './bench-protocol.ts'
import { type MapMachine, mapMachine } from './map-machine.ts'
import { keyOf, KEYS, VALUE, VALUE_BYTES } from './workload.ts'
import { type WritesSeen, WriteWatch } from './write-watch.ts'

/** One member of a durable cluster, in its own process: defaults throughout. */
export type DurableServer = typeof methods

let host: NodeHost | undefined
let raft: Raft<MapMachine> | undefined
let watch: WriteWatch | undefined

const methods = {
  /** Takes a port, a free one if it is not told which, and returns the address of it. */
  async listen({
    id,
    clusterId,
    endpoint = '127.0.0.1:0',
  }: {
    readonly id: string
    readonly clusterId: string
    readonly endpoint?: string
  }): Promise<string> {
    host = nodeHost({ clusterId, listen: endpoint })
    await host.open(id)
    return host.transport.localAddress ?? ''
  },

  /** Joins the cluster and answers clients. */
  async join(options: {
    readonly id: string
    readonly members: Readonly<Record<string, string>>
    readonly directory: string
    readonly leases: boolean
  }): Promise<void> {
    const { id, members, directory, leases } = options
    const { transport } = required(host)
    const storage = await fileStorage(directory)
    const joined = await createRaft({
      id,
      members,
      storage,
      host: required(host),
      machine: mapMachine(),
      codec: bytesCodec,
      // For the reads that use it.
      ...(leases && { maxClockDrift: 0.01 }),
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

  /** What the node has sent and written so far. */
  counts(): { readonly frames: number; readonly syncs: number } {
    const { framesSent } = required(host).transport.stats()
    return { frames: framesSent, syncs: required(raft).metrics().storage.writes }
  },

  /** Begins to write one command after the other, as a program on this node would. */
  beginWrites(): void {
    const proposer = required(raft)
    let sequence = 0
    watch = new WriteWatch(() => proposer.propose(encodePut(keyOf(sequence++), VALUE)))
  },

  /** Stops that, and tells how it went. */
  async endWrites(): Promise<WritesSeen> {
    return await required(watch).stop()
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

function required<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('called out of turn: listen, then join, then the rest')
  return value
}

serve(methods)
