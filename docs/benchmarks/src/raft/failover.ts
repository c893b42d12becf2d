import { progress } from '../bench.ts'
import { temporaryDirectory } from '../measure/cleanup.ts'
import { formatMs } from '../measure/table.ts'
import { median } from '../measure/percentiles.ts'
import { ColonyCluster } from './colony-cluster.ts'
import type { WritesSeen } from './write-watch.ts'

/** Pauses of writes that one kind of trouble with the leader caused. */
export interface PauseRow {
  readonly times: number
  readonly medianMs: number
  readonly longestMs: number
  /** Longest that any request took to succeed or to fail. */
  readonly slowestRequestMs: number
  /** Requests that failed: their callers were told so. */
  readonly failed: number
}

/** What trouble with a leader or a follower costs. */
export interface FailoverFigures {
  readonly kill: PauseRow
  readonly stop: PauseRow
  /** A follower's process stands still for `ms`, `times` times. */
  readonly stall: { readonly ms: number; readonly times: number; readonly elections: number }
}

const TIMES = 20
const STALL_MS = 400
/** Writing before and after each trouble. */
const AROUND_MS = 300
const TIMEOUT_MS = 20_000

/** Three servers with their defaults; the two that are not in trouble each write one command after the other. */
export async function measureFailover(scratch: string): Promise<FailoverFigures> {
  using directory = temporaryDirectory(scratch, 'colony-bench-failover-')
  await using cluster = await ColonyCluster.start(directory.path, { leases: false })
  const stall = await stalls(cluster)
  const stop = await pauses(cluster, 'SIGSTOP', async (leader) => {
    process.kill(cluster.server(leader).pid, 'SIGCONT')
  })
  const kill = await pauses(cluster, 'SIGKILL', async (leader) => await cluster.restart(leader))
  return { kill, stop, stall }
}

/** Does something to the leader again and again, and has `recover` undo it each time. */
async function pauses(
  cluster: ColonyCluster,
  signal: 'SIGKILL' | 'SIGSTOP',
  recover: (leader: string) => Promise<void>,
): Promise<PauseRow> {
  const gaps: number[] = []
  let slowestRequestMs = 0
  let failed = 0
  for (let time = 0; time < TIMES; time++) {
    const leader = await cluster.findLeader()
    const others = cluster.othersThan(leader)
    await begin(cluster, others)
    await sleep(AROUND_MS)
    process.kill(cluster.server(leader).pid, signal)
    await cluster.findLeader(others, leader)
    await sleep(AROUND_MS)
    const seen = await end(cluster, others)
    gaps.push(Math.max(...seen.map(({ longestGapMs }) => longestGapMs)))
    slowestRequestMs = Math.max(slowestRequestMs, ...seen.map(({ slowestMs }) => slowestMs))
    failed += seen.reduce((sum, one) => sum + one.failed, 0)
    await recover(leader)
  }
  const row = {
    ...{ times: TIMES, medianMs: median(gaps), longestMs: Math.max(...gaps) },
    ...{ slowestRequestMs, failed },
  }
  progress(`${signal} of the leader: ${gaps.map(formatMs).join(', ')} ms without writes`)
  return row
}

async function stalls(cluster: ColonyCluster): Promise<FailoverFigures['stall']> {
  const leader = await cluster.findLeader()
  const [follower = ''] = cluster.othersThan(leader)
  const termOf = async (): Promise<number> => (await cluster.server(leader).call('status', undefined)).term
  const before = await termOf()
  for (let time = 0; time < TIMES; time++) {
    const { pid } = cluster.server(follower)
    process.kill(pid, 'SIGSTOP')
    await sleep(STALL_MS)
    process.kill(pid, 'SIGCONT')
    await sleep(AROUND_MS)
  }
  await cluster.findLeader()
  return { ms: STALL_MS, times: TIMES, elections: (await termOf()) - before }
}

async function begin(cluster: ColonyCluster, ids: readonly string[]): Promise<void> {
  await Promise.all(ids.map((id) => cluster.server(id).call('beginWrites', undefined)))
}

async function end(cluster: ColonyCluster, ids: readonly string[]): Promise<WritesSeen[]> {
  return await Promise.all(ids.map((id) => cluster.server(id).call('endWrites', undefined, TIMEOUT_MS)))
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
