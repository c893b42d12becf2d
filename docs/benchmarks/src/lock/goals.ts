import { type Goal, goalOf } from '../measure/goals.ts'
import { bestPeer, rateOf, ratioOf, ratioOfRows, rowOf } from './arithmetic.ts'
import type { HandoverRow } from './handover.ts'
import { ETCD_SERVICE } from './raft-locks.ts'
import { FLOORS } from './redis-systems.ts'
import type { LockFigures } from './report.ts'
import type { UncontendedRow } from './uncontended.ts'

const CLIENTS = ['ioredis', 'node-redis'] as const
/** Of what the same client can do. */
const OF_THE_FLOOR = 0.9
/** Times the best peer by a majority of five. None of the peers can use node-redis: there it is the best one on ioredis. */
const TIMES_THE_BEST = { ioredis: 2, 'node-redis': 4 } as const
const HANDOVER_P50_MS = 0.6
const HANDOVER_P99_MS = 2
const COMMANDS_A_HANDOVER = 6
const FAIRNESS = 0.99
const IN_MEMORY = 2_000_000

/** Every figure of a run that is held to something. */
export function lockGoals(figures: LockFigures): Goal[] {
  const { memory, redis, redlock, handover, crowd, raft } = figures
  return [
    ...goalOf('memory: locks/s', rateOf(memory, 1, 'colony'), 'least', IN_MEMORY),
    ...CLIENTS.flatMap((client) => redisGoals(redis, client)),
    ...CLIENTS.flatMap((client) => redlockGoals(redlock, client)),
    ...CLIENTS.flatMap((client) => handoverGoals(handover, client)),
    ...CLIENTS.flatMap((client) => {
      const row = crowd.find(({ system }) => system === `colony, ${client}`)
      return [
        ...goalOf(
          `crowd, ${client}: commands a handover`,
          row?.commandsSent ?? NaN,
          'most',
          COMMANDS_A_HANDOVER,
        ),
        ...goalOf(`crowd, ${client}: Jain`, row?.jain ?? NaN, 'least', FAIRNESS),
      ]
    }),
    ...[1, 64].flatMap((level) => raftGoals(raft, level)),
  ]
}

function redisGoals(rows: readonly UncontendedRow[], client: (typeof CLIENTS)[number]): Goal[] {
  return [1, 64].flatMap((level) => {
    const ratio = ratioOf(rows, level, `colony, ${client}`, FLOORS[client])
    return goalOf(`one Redis, ${client}, ${level} outstanding: of its floor`, ratio, 'least', OF_THE_FLOOR)
  })
}

function redlockGoals(rows: readonly UncontendedRow[], client: (typeof CLIENTS)[number]): Goal[] {
  const best = bestPeer(rows, 64)
  const ours = rowOf(rows, 64, `colony, ${client}`)
  if (best === undefined || ours === undefined) return []
  const ratio = ratioOfRows(ours, best)
  const p99 = ours.p99Ms / best.p99Ms
  return [
    ...goalOf(`five Redis, ${client}: times the best peer`, ratio, 'least', TIMES_THE_BEST[client]),
    ...goalOf(`five Redis, ${client}: p99 in terms of that peer's`, p99, 'below', 1),
  ]
}

function handoverGoals(rows: readonly HandoverRow[], client: (typeof CLIENTS)[number]): Goal[] {
  const row = rows.find(({ system }) => system === `colony, ${client}`)
  return [
    ...goalOf(`handover, ${client}: p50 ms`, row?.p50Ms ?? NaN, 'most', HANDOVER_P50_MS),
    ...goalOf(`handover, ${client}: p99 ms`, row?.p99Ms ?? NaN, 'most', HANDOVER_P99_MS),
  ]
}

function raftGoals(rows: readonly UncontendedRow[], level: number): Goal[] {
  return [ETCD_SERVICE, 'etcd3'].flatMap((peer) => {
    const ratio = ratioOf(rows, level, 'colony, on the leader', peer)
    return goalOf(`raft, ${level} outstanding: times ${peer}`, ratio, 'least', 1)
  })
}
