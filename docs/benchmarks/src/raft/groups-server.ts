import { performance } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { bytesCodec } from '@colony/host'
import { createMemoryNetwork } from '@colony/host/memory'
import { createRaftGroups, memoryGroupStorage, type RaftGroups } from '@colony/raft'
import { serve } from '../measure/child.ts'
import { encodePut } from './bench-protocol.ts'
import type { GroupsRow } from './groups.ts'
import { keyOf, VALUE } from './workload.ts'

/** Three nodes with many groups, in a process of their own. */
export type GroupsServer = typeof methods

const NODES: readonly string[] = ['a', 'b', 'c']
/** Groups that are made at a time. */
const AT_ONCE = 200
const PATIENCE_MS = 300_000
/** For that long the idle groups are watched. */
const IDLE_MS = 10_000

const methods = {
  /** Makes so many groups, writes once to each, waits until nothing happens any more, and measures what that takes. */
  async idle({ groups }: { readonly groups: number }): Promise<GroupsRow> {
    const heapBefore = heapUsed()
    const network = createMemoryNetwork()
    const nodes = await Promise.all(
      NODES.map((id) =>
        createRaftGroups({ id, host: network.host({ inboxFrames: 2 ** 20 }), storage: memoryGroupStorage() }),
      ),
    )
    for (let from = 0; from < groups; from += AT_ONCE)
      await make(nodes, from, Math.min(groups, from + AT_ONCE))
    const started = performance.now()
    while (nodes.some((node) => node.metrics().quietGroups < groups)) await sleep(50)
    const quietMs = performance.now() - started
    const heapBytes = heapUsed() - heapBefore
    const row = { groups, quietMs, heapBytes: heapBytes / (groups * NODES.length), ...(await watch(nodes)) }
    await Promise.all(nodes.map((node) => node.close()))
    return row
  },
}

async function make(nodes: readonly RaftGroups[], from: number, to: number): Promise<void> {
  const numbers = Array.from({ length: to - from }, (_, at) => from + at)
  await Promise.all(
    numbers.map(async (number) => {
      const group = `shard ${number}`
      const options = { group, members: NODES, codec: bytesCodec }
      const [raft] = await Promise.all(
        nodes.map((node) => node.create({ ...options, machine: { apply: (_command: Uint8Array) => null } })),
      )
      // Leaders may change while so many are made: what has a key is tried again.
      const keyed = { idempotencyKey: group, timeoutMs: PATIENCE_MS }
      await raft?.propose(encodePut(keyOf(number % 100), VALUE), keyed)
    }),
  )
}

async function watch(
  nodes: readonly RaftGroups[],
): Promise<Pick<GroupsRow, 'cpuShare' | 'framesPerSecond' | 'messagesPerSecond'>> {
  const count = (figure: 'framesSent' | 'messagesSent'): number =>
    nodes.reduce((sum, node) => sum + node.metrics()[figure], 0)
  const [frames, messages] = [count('framesSent'), count('messagesSent')]
  const cpu = process.cpuUsage()
  const started = performance.now()
  await sleep(IDLE_MS)
  const { user, system } = process.cpuUsage(cpu)
  const seconds = (performance.now() - started) / 1000
  return {
    cpuShare: (user + system) / 1e6 / seconds,
    framesPerSecond: (count('framesSent') - frames) / seconds,
    messagesPerSecond: (count('messagesSent') - messages) / seconds,
  }
}

async function sleep(ms: number): Promise<void> {
  await new Promise<void>((resolve) => void setTimeout(resolve, ms))
}

/** Bytes in use after a collection, buffers included. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const { heapUsed: heap, arrayBuffers } = process.memoryUsage()
  return heap + arrayBuffers
}

serve(methods)
