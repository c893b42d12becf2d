import { goalTable } from '../measure/goals.ts'
import { formatMachine, type Machine } from '../measure/machine.ts'
import type { OtherLoad } from '../measure/rests.ts'
import { type Column, formatMs, formatRate, formatRatio, formatTable } from '../measure/table.ts'
import type { CoreRow } from './core.ts'
import type { CommitCosts } from './costs.ts'
import type { DurableRow } from './durable.ts'
import type { FailoverFigures, PauseRow } from './failover.ts'
import { raftGoals } from './goals.ts'
import { GROUPS_TEXT, groupsTable, type GroupsRow } from './groups.ts'
import type { RestartRow } from './restart.ts'
import { KEY_BYTES, VALUE_BYTES } from './workload.ts'

/** Everything that one run found out. */
export interface RaftFigures {
  readonly bench: 'raft'
  readonly machine: Machine
  readonly command: string
  readonly seconds: number
  readonly rounds: number
  readonly etcdVersion: string | undefined
  readonly core: readonly CoreRow[]
  readonly durable: readonly DurableRow[]
  readonly ratios: readonly RatioRow[]
  /** Reads, in the form of writes. */
  readonly reads: readonly DurableRow[]
  /** What one commit takes, if that was counted. */
  readonly costs: CommitCosts | undefined
  readonly restart: readonly RestartRow[]
  readonly failover: FailoverFigures | undefined
  /** Many groups in one process, idle. */
  readonly groups: readonly GroupsRow[]
  /** What else the machine did meanwhile. */
  readonly otherLoad: OtherLoad | undefined
  /** What was not measured, and how to get it measured. */
  readonly skipped: readonly string[]
}

/** Colony beside etcd at one level. */
export interface RatioRow {
  readonly outstanding: number
  /** Colony's operations a second over etcd's. */
  readonly opsPerSecond: number
  /** Colony's p99 over etcd's: below 1 is better. */
  readonly p99: number
}

/** Puts the two side by side wherever both were measured. */
export function ratiosOf(durable: readonly DurableRow[]): RatioRow[] {
  const etcd = durable.filter((row) => row.series === 'etcd')
  const colony = durable.filter((row) => row.series === 'colony')
  return colony.flatMap(({ outstanding, opsPerSecond, p99Ms }) => {
    const peer = etcd.find((row) => row.outstanding === outstanding)
    if (peer === undefined) return []
    return [
      {
        outstanding,
        opsPerSecond: round3(opsPerSecond / peer.opsPerSecond),
        p99: round3(p99Ms / peer.p99Ms),
      },
    ]
  })
}

/** The page. */
export function formatRaftReport(figures: RaftFigures): string {
  const { machine, command, seconds, rounds, core, durable, ratios, skipped, etcdVersion } = figures
  const { reads, costs, restart, failover, groups, otherLoad } = figures
  const sections = ['# raft', `\`${command}\` on ${formatMachine(machine)}.${loadText(otherLoad)}`]
  const goals = raftGoals(figures)
  if (goals.length > 0) sections.push('## Goals', goalTable(goals))
  if (core.length > 0) sections.push('## Core alone', CORE_TEXT, coreTable(core))
  if (durable.length > 0) {
    const etcdText = etcdVersion === undefined ? '' : ` ${ETCD_TEXT.replace('VERSION', etcdVersion)}`
    const text = `${DURABLE_TEXT}${etcdText} Medians of ${rounds} rounds of ${seconds} s.`
    sections.push('## Durable', text, durableTable(durable))
    if (ratios.length > 0) sections.push('### Colony over etcd', ratioTable(ratios))
  }
  if (reads.length > 0) {
    const text = `${READS_TEXT} Medians of ${rounds} rounds of ${seconds} s.`
    sections.push('## Reads', text, durableTable(reads))
  }
  if (costs !== undefined) sections.push('## What a commit takes', costsText(costs))
  if (failover !== undefined) sections.push('## Leaders that go', FAILOVER_TEXT, failoverTable(failover))
  if (restart.length > 0) sections.push('## Restart', RESTART_TEXT, restartTable(restart))
  if (groups.length > 0) sections.push('## Idle groups', GROUPS_TEXT, groupsTable(groups))
  if (skipped.length > 0) sections.push(skipped.map((reason) => `Skipped: ${reason}`).join('\n\n'))
  return `${sections.join('\n\n')}\n`
}

const CORE_TEXT =
  'Three cores in one thread, records durable at once, messages passed as objects, 16-byte commands. Each batch is committed, ' +
  'and everything that follows from it delivered, before the next is proposed.'
const DURABLE_TEXT =
  `Three server processes on loopback TCP, every write on disk at a quorum before it is answered; ${VALUE_BYTES}-byte values under ` +
  `${KEY_BYTES}-byte keys. One client process keeps requests outstanding against the leader; *embedded* has no client: the leader's ` +
  'own process proposes. Client and servers share the cores. Processor time covers the warm-up too.'
const ETCD_TEXT =
  'etcd VERSION with its defaults, driven by a hand-written gRPC client over one connection to the leader (the layout that ' +
  'gave etcd its best figures).'

const READS_TEXT =
  'Three server processes as above, every key put before. *colony* reads in the leader’s own process, each read a promise of its own; all reads that wait share a ' +
  'round to the other two, or need none under a lease. etcd answers linearizable Ranges of one key to a client process.'
const RESTART_TEXT =
  'A fresh process opens the log of a lone member, from a warm page cache, and applies all of it to a map. Wall time and processor time from before the storage is opened until the ' +
  'machine has applied everything.'
const FAILOVER_TEXT =
  'Three server processes with their defaults. A program in each of the two that are left writes one command after the other; the pause is the longest time between ' +
  'two writes that succeeded, of whichever of the two waited longer. A request that was under way succeeds late or fails: *slowest request* is the longest that any took to do either.'

function restartTable(rows: readonly RestartRow[]): string {
  return formatTable(
    [
      right('entries'),
      right('bytes each'),
      right('seconds'),
      right('of it processor'),
      right('MiB resident'),
    ],
    rows.map((row) => [
      formatRate(row.entries),
      String(row.bytes),
      (row.wallMs / 1000).toFixed(2),
      (row.cpuMs / 1000).toFixed(2),
      String(Math.round(row.residentBytes / 2 ** 20)),
    ]),
  )
}

function coreTable(rows: readonly CoreRow[]): string {
  return formatTable(
    [right('commands a batch'), right('commits/s'), right('messages a commit')],
    rows.map((row) => [
      String(row.batch),
      formatRate(row.commitsPerSecond),
      row.messagesPerCommit.toFixed(row.messagesPerCommit < 1 ? 3 : 1),
    ]),
  )
}

function durableTable(rows: readonly DurableRow[]): string {
  return formatTable(
    [
      { title: 'system', align: 'left' },
      right('outstanding'),
      right('ops/s'),
      right('p50 ms'),
      right('p99 ms'),
      right('servers CPU µs/op'),
      right('client CPU µs/op'),
      right('failed'),
      { title: 'ops/s of each round', align: 'left' },
    ],
    rows.map((row) => [
      row.series,
      String(row.outstanding),
      formatRate(row.opsPerSecond),
      formatMs(row.p50Ms),
      formatMs(row.p99Ms),
      formatMicros(row.serverCpuMicros),
      row.series !== 'etcd' && row.series !== 'colony' ? '–' : formatMicros(row.driverCpuMicros),
      String(row.failures),
      row.rounds.map(formatRate).join(' · '),
    ]),
  )
}

function ratioTable(rows: readonly RatioRow[]): string {
  return formatTable(
    [right('outstanding'), right('ops/s'), right('p99')],
    rows.map((row) => [String(row.outstanding), formatRatio(row.opsPerSecond), formatRatio(row.p99)]),
  )
}

function costsText({ commits, messages, syncs }: CommitCosts): string {
  return (
    `${formatRate(commits)} commits, one outstanding, in the leader's process: ${messages.toFixed(2)} messages a commit between the three servers, heartbeats taken off, and ` +
    `${syncs.toFixed(2)} durable writes a server.`
  )
}

function loadText(load: OtherLoad | undefined): string {
  if (load === undefined) return ''
  const percent = (share: number): string => `${Math.round(share * 100)} %`
  return ` In the rests between measurements other programs took ${percent(load.median)} of the processors (median; ${percent(load.most)} at most).`
}

function failoverTable({ kill, stop, stall }: FailoverFigures): string {
  const row = (what: string, pauses: PauseRow): string[] => [
    ...[what, String(pauses.times), formatMs(pauses.medianMs), formatMs(pauses.longestMs)],
    ...[formatMs(pauses.slowestRequestMs), String(pauses.failed)],
  ]
  const table = formatTable(
    [
      { title: 'trouble', align: 'left' },
      ...['times', 'median ms', 'longest ms', 'slowest request ms', 'requests failed'].map(right),
    ],
    [row('kill -9 of the leader', kill), row('SIGSTOP of the leader', stop)],
  )
  const text = `A follower's process stood still for ${stall.ms} ms, ${stall.times} times: ${stall.elections} elections.`
  return `${table}\n\n${text}`
}

function formatMicros(micros: number): string {
  return Number.isFinite(micros) ? micros.toFixed(micros < 10 ? 1 : 0) : '–'
}

function right(title: string): Column {
  return { title, align: 'right' }
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000
}
