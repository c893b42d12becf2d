import { goalTable } from '../measure/goals.ts'
import { formatMachine, type Machine } from '../measure/machine.ts'
import type { OtherLoad } from '../measure/rests.ts'
import { type Column, formatMs, formatRate, formatRatio, formatTable } from '../measure/table.ts'
import { bestPeer, ratioOfRows, rowOf } from './arithmetic.ts'
import { CROWD, type CrowdRow } from './crowd.ts'
import { lockGoals } from './goals.ts'
import type { HandoverRow } from './handover.ts'
import { FLOORS } from './redis-systems.ts'
import type { UncontendedRow } from './uncontended.ts'

/** Everything that one run found out. */
export interface LockFigures {
  readonly bench: 'lock'
  readonly machine: Machine
  readonly command: string
  readonly rounds: number
  /** Of one run of one system, in milliseconds. */
  readonly measureMs: number
  /** Installed versions; `undefined` for what is not there. */
  readonly versions: Readonly<Record<'redis' | 'postgres' | 'etcd', string | undefined>>
  readonly memory: readonly UncontendedRow[]
  readonly redis: readonly UncontendedRow[]
  readonly redlock: readonly UncontendedRow[]
  readonly handover: readonly HandoverRow[]
  readonly crowd: readonly CrowdRow[]
  readonly servers: readonly UncontendedRow[]
  readonly raft: readonly UncontendedRow[]
  /** What else the machine did meanwhile. */
  readonly otherLoad: OtherLoad | undefined
  /** What was not measured, and how to get it measured. */
  readonly skipped: readonly string[]
}

const MEMORY_TEXT =
  'One lock after the other, in one process. `async-mutex` is one lock without keys; `async-lock` has keys; ours has keys, deadlines, tokens and owners besides.'
const REDIS_TEXT =
  'Taken and given back, on one server, every lock under way on a key of its own. *floor* is SET NX PX and a script that compares and deletes, through the same client with its defaults: it knows no waiting and no tokens. Where there are two processor cores, the server has one of its own.'
const REDLOCK_TEXT =
  'The same by a majority of five independent servers. None of the packages can use node-redis: both clients are set beside the best package on ioredis.'
const HANDOVER_TEXT =
  'Two clients on connections of their own hand one lock to and fro, held for 8 to 20 ms: from the call of `release` until the one that waits has it. Peers with their own pauses between attempts.'
const CROWD_TEXT = `${CROWD.processes} processes with ${CROWD.clients} clients each, every client on a connection of its own: all want one lock and hold it for 2 ms. *sent*: commands of the clients for each grant; *run*: what the server counts, also within scripts. Jain's index is 1 when all clients get the same.`
const SERVERS_TEXT =
  'PostgreSQL with its defaults; etcd as three durable nodes, asked through its leader: ours by the gateway for JSON, npm `etcd3` by gRPC with a lease for each lock.'
const RAFT_TEXT =
  "Three durable nodes as three processes. Ours is used from within the leader's process, and a follower's; etcd's own lock service by a hand-written gRPC client at the leader with one lease for all locks; npm `etcd3` with a lease for each."

/** The page. */
export function formatLockReport(figures: LockFigures): string {
  const { machine, command, rounds, measureMs, versions, otherLoad, skipped } = figures
  const servers = Object.entries(versions).map(([name, version]) => `${name} ${version ?? 'not installed'}`)
  const sections = [
    '# lock',
    `\`${command}\` on ${formatMachine(machine)}; ${servers.join(', ')}. Medians of ${rounds} rounds of ${measureMs / 1000} s, in which all systems take turns; ratios are medians of those of each round.${loadText(otherLoad)}`,
  ]
  const goals = lockGoals(figures)
  if (goals.length > 0) sections.push('## Goals', goalTable(goals))
  for (const [title, text, table] of tables(figures)) sections.push(`## ${title}`, text, table)
  if (skipped.length > 0) sections.push(skipped.map((reason) => `Skipped: ${reason}.`).join('\n\n'))
  return `${sections.join('\n\n')}\n`
}

type Titled = readonly [title: string, text: string, table: string]

function tables(figures: LockFigures): readonly Titled[] {
  const { memory, redis, redlock, handover, crowd, servers, raft } = figures
  const all: readonly (readonly [rows: readonly unknown[], ...titled: Titled])[] = [
    [memory, 'In memory', MEMORY_TEXT, memoryTable(memory)],
    [redis, 'One Redis', REDIS_TEXT, rateTable(redis, 'of the floor', ofTheFloor)],
    [redlock, 'Five Redis', REDLOCK_TEXT, rateTable(redlock, 'of the best peer', ofTheBestPeer)],
    [handover, 'Handover', HANDOVER_TEXT, handoverTable(handover)],
    [crowd, 'A crowd', CROWD_TEXT, crowdTable(crowd)],
    [servers, 'PostgreSQL and etcd', SERVERS_TEXT, rateTable(servers)],
    [raft, 'Raft', RAFT_TEXT, rateTable(raft, 'of the best peer', ofTheBestPeer)],
  ]
  return all.filter(([rows]) => rows.length > 0).map(([, ...titled]) => titled)
}

type Share = (row: UncontendedRow, rows: readonly UncontendedRow[]) => number

/** What a system does in terms of the least that a lock costs through its client; NaN where the client is not known. */
const ofTheFloor: Share = (row, rows) => {
  const client = /node-redis|simple/.test(row.system) ? 'node-redis' : 'ioredis'
  return ratioOfRows(row, rowOf(rows, row.outstanding, FLOORS[client]))
}

const ofTheBestPeer: Share = (row, rows) => ratioOfRows(row, bestPeer(rows, row.outstanding))

function columns(first: string, ...others: string[]): Column[] {
  return [{ title: first, align: 'left' }, ...others.map((title) => ({ title, align: 'right' }) as const)]
}

function memoryTable(rows: readonly UncontendedRow[]): string {
  return formatTable(
    columns('system', 'locks/s'),
    rows.map(({ system, opsPerSecond }) => [system, formatRate(opsPerSecond)]),
  )
}

function rateTable(rows: readonly UncontendedRow[], title?: string, share?: Share): string {
  return formatTable(
    columns('system', 'outstanding', 'locks/s', 'p50 ms', 'p99 ms', 'failed', ...(title ? [title] : [])),
    rows.map((row) => [
      ...[row.system, String(row.outstanding), formatRate(row.opsPerSecond)],
      ...[formatMs(row.p50Ms), formatMs(row.p99Ms), String(row.failures)],
      ...(share === undefined ? [] : [formatRatio(share(row, rows))]),
    ]),
  )
}

function handoverTable(rows: readonly HandoverRow[]): string {
  return formatTable(
    columns('system', 'p50 ms', 'p99 ms', 'handovers'),
    rows.map(({ system, p50Ms, p99Ms, handovers }) => [
      ...[system, formatMs(p50Ms), formatMs(p99Ms), String(handovers)],
    ]),
  )
}

function crowdTable(rows: readonly CrowdRow[]): string {
  return formatTable(
    columns('system', 'grants/s', 'wait p50 ms', 'wait p99 ms', 'Jain', 'sent', 'run'),
    rows.map((row) => [
      ...[row.system, formatRate(row.grantsPerSecond), formatMs(row.p50WaitMs), formatMs(row.p99WaitMs)],
      ...[row.jain.toFixed(3), row.commandsSent.toFixed(1), row.commandsRun.toFixed(1)],
    ]),
  )
}

function loadText(load: OtherLoad | undefined): string {
  if (load === undefined) return ''
  const percent = (share: number): string => `${Math.round(share * 100)} %`
  return ` In the rests between parts other programs took ${percent(load.median)} of the processors (median; ${percent(load.most)} at most).`
}
