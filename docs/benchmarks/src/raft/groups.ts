import { progress } from '../bench.ts'
import { besides, Worker } from '../measure/child.ts'
import type { Rests } from '../measure/rests.ts'
import { formatRate, formatTable, type Column } from '../measure/table.ts'
import type { GroupsServer } from './groups-server.ts'

/** What many idle groups cost three nodes in one process, together. */
export interface GroupsRow {
  readonly groups: number
  /** From the last command until all were quiet. */
  readonly quietMs: number
  /** Share of one core. */
  readonly cpuShare: number
  readonly framesPerSecond: number
  /** Messages of groups in those frames. */
  readonly messagesPerSecond: number
  /** For one member of one group, its machine included. */
  readonly heapBytes: number
}

const COUNTS: readonly number[] = [100, 10_000]
const TIMEOUT_MS = 600_000
const SETTLE_MS = 2_000

/** Makes many groups, and looks at what they cost when nothing happens. */
export async function measureGroups(rests: Rests): Promise<GroupsRow[]> {
  const rows: GroupsRow[] = []
  for (const groups of COUNTS) {
    await rests.rest(SETTLE_MS)
    await using server = new Worker<GroupsServer>(besides(import.meta.url, 'groups-server'))
    const row = await server.call('idle', { groups }, TIMEOUT_MS)
    progress(`${groups} idle groups: ${(row.cpuShare * 100).toFixed(1)} % of a core`)
    rows.push(row)
  }
  return rows
}

/** What the figures are of. */
export const GROUPS_TEXT =
  'Three nodes in one process, each a member of every group, over a network and with logs in memory; one command was written to each group, and then nothing. Share of one core, frames and messages ' +
  'of all three nodes together, over ten seconds; heap and buffers for one member of one group.'

const right = (title: string): Column => ({ title, align: 'right' })

/** The figures as a table. */
export function groupsTable(rows: readonly GroupsRow[]): string {
  return formatTable(
    ['idle groups', 'core used', 'frames/s', 'messages/s', 'KiB a member', 'ms until quiet'].map(right),
    rows.map((row) => [
      formatRate(row.groups),
      `${(row.cpuShare * 100).toFixed(1)} %`,
      formatRate(row.framesPerSecond),
      formatRate(row.messagesPerSecond),
      (row.heapBytes / 1024).toFixed(1),
      formatRate(row.quietMs),
    ]),
  )
}
