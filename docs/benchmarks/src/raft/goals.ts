import { type Goal, goalOf } from '../measure/goals.ts'
import type { DurableRow } from './durable.ts'
import type { RaftFigures } from './report.ts'

/** Times etcd's throughput, by requests outstanding. */
const TIMES_ETCD: Readonly<Record<number, number>> = { 1: 1.5, 64: 5, 256: 10 }
const READS_AT_256 = 200_000
const RESTART_SECONDS = 5
const PAUSE_AFTER_KILL_MS = 300
const PAUSE_AFTER_STOP_MS = 1200
/** As long as a peer lets requests wait that were under way when its leader died. */
const LONGEST_WAIT_MS = 7000

/** Every figure of a run that is held to something. */
export function raftGoals(figures: RaftFigures): Goal[] {
  return [
    ...coreGoals(figures),
    ...durableGoals(figures),
    ...readGoals(figures),
    ...restartGoals(figures),
    ...failoverGoals(figures),
  ]
}

function coreGoals({ core }: RaftFigures): Goal[] {
  const rate = (batch: number): number => core.find((row) => row.batch === batch)?.commitsPerSecond ?? NaN
  return [
    ...goalOf('core: commits/s, one at a time', rate(1), 'least', 400_000),
    ...goalOf('core: commits/s, in batches of 256', rate(256), 'least', 3_000_000),
  ]
}

function durableGoals({ ratios, costs }: RaftFigures): Goal[] {
  return [
    ...ratios.flatMap(({ outstanding, opsPerSecond, p99 }) => [
      ...goalOf(
        `durable, ${outstanding} outstanding: times the commits/s of etcd`,
        opsPerSecond,
        'least',
        TIMES_ETCD[outstanding] ?? 1,
      ),
      ...goalOf(`durable, ${outstanding} outstanding: p99 in terms of etcd's`, p99, 'below', 1),
    ]),
    ...goalOf('durable, 1 outstanding: messages a commit', costs?.messages ?? NaN, 'most', 4),
    ...goalOf('durable, 1 outstanding: syncs a node a commit', costs?.syncs ?? NaN, 'most', 1),
  ]
}

function readGoals({ reads }: RaftFigures): Goal[] {
  const isIt = (row: DurableRow): boolean => row.series === 'colony, linearizable' && row.outstanding === 256
  const rate = reads.find(isIt)?.opsPerSecond ?? NaN
  return goalOf('linearizable reads/s, 256 outstanding', rate, 'least', READS_AT_256)
}

function restartGoals({ restart }: RaftFigures): Goal[] {
  return restart.flatMap(({ entries, wallMs }) =>
    goalOf(
      `restart with ${entries.toLocaleString('en-US')} entries in the log: s`,
      wallMs / 1000,
      'most',
      RESTART_SECONDS,
    ),
  )
}

function failoverGoals({ failover }: RaftFigures): Goal[] {
  if (failover === undefined) return []
  const { kill, stop, stall } = failover
  const slowest = Math.max(kill.slowestRequestMs, stop.slowestRequestMs)
  return [
    ...goalOf(
      'pause of writes after kill -9 of the leader: median ms',
      kill.medianMs,
      'most',
      PAUSE_AFTER_KILL_MS,
    ),
    ...goalOf('the same after SIGSTOP: median ms', stop.medianMs, 'most', PAUSE_AFTER_STOP_MS),
    ...goalOf('the slowest request caught in between: ms', slowest, 'below', LONGEST_WAIT_MS),
    ...goalOf(`elections when a follower stalls for ${stall.ms} ms`, stall.elections, 'most', 0),
  ]
}
