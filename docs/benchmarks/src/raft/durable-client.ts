import { type NodeHost, nodeHost } from '@colony/host/node'
import { serve } from '../measure/child.ts'
import { type Load, type LoadResult, runClosedLoop } from '../measure/closed-loop.ts'
import { BENCH_CHANNEL, encodePut, readReplies, Requests } from './bench-protocol.ts'
import { keyOf, KEYS, VALUE } from './workload.ts'

/** The one process that puts load on a colony cluster, over colony's own transport. */
export type DurableClient = typeof methods

let host: NodeHost | undefined
let leader = ''
const waiting = new Map<number, (ok: boolean) => void>()

const methods = {
  /** Takes a free port, learns where the leader is, and returns the own address. */
  async connect(options: {
    readonly id: string
    readonly clusterId: string
    readonly leader: string
    readonly leaderAddress: string
  }): Promise<string> {
    host = nodeHost({ clusterId: options.clusterId, listen: '127.0.0.1:0' })
    leader = options.leader
    host.addresses.set(leader, options.leaderAddress)
    host.transport.receive(BENCH_CHANNEL, (_, frame) => readReplies(frame, settle))
    await host.open(options.id)
    return host.transport.localAddress ?? ''
  },

  /** Keeps puts outstanding at the leader. */
  async load(load: Load): Promise<LoadResult> {
    const commands = Array.from({ length: KEYS }, (_, key) => encodePut(keyOf(key), VALUE))
    const transport = host?.transport
    // What is not sent is never answered, which counts as a failure at the end.
    const requests = new Requests((frame) => void transport?.send(leader, BENCH_CHANNEL, frame))
    let sequence = 0
    return await runClosedLoop(load, (done) => {
      const id = sequence++
      waiting.set(id, done)
      requests.add(id, commands[id % KEYS] ?? VALUE)
    })
  },
}

function settle(id: number, ok: boolean): void {
  const done = waiting.get(id)
  waiting.delete(id)
  done?.(ok)
}

serve(methods)
