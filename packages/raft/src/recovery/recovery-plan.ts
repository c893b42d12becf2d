import type { Checksum, Disk, NodeId } from '@colony/host'
import { Configuration } from '../core/configuration.ts'
import type { LogEnd, LogIndex, Term } from '../core/entry.ts'
import { isEarlierEnd } from '../core/log-end.ts'
import { type Membership, membersOf, votersOf } from '../core/membership.ts'
import { RaftError } from '../errors.ts'
import { type InspectedLog, inspectLog, type LogSummary } from './inspect-log.ts'

/**
 * One survivor of a group that lost its quorum.
 * @category Recovery
 */
export interface Survivor extends LogSummary {
  /** Where its log is. */
  readonly directory: string
  /** The node. */
  readonly nodeId: NodeId
}

/**
 * What can be saved of a group whose quorum is gone for good, and what may be lost.
 * @category Recovery
 */
export interface RecoveryPlan {
  /** The cluster that the logs are of. */
  readonly clusterId: string
  /** The group. */
  readonly group: string
  /** Everybody whose log was looked at, the most up to date first. */
  readonly survivors: readonly Survivor[]
  /** Whose log to go on with. */
  readonly best: NodeId
  /** Who was a member as far as the best log knows. */
  readonly membership: Membership
  /** Voters whose logs were not looked at, sorted. */
  readonly missing: readonly NodeId[]
  /** Whether the survivors are a quorum: then they can go on by themselves, and nothing must be forced. */
  readonly hasQuorum: boolean
  /** Everything up to here is committed for certain: a snapshot stands for it. */
  readonly committedAtLeast: LogIndex
  /** Entries behind this index of the best log may have been committed, and acknowledged to clients, by those who are missing alone: they are lost. */
  readonly lostAfter: LogIndex
  /** Where the best log ended before damage took entries from it; `undefined` when it is whole. Those entries are lost for certain. */
  readonly damagedUpTo: LogEnd | undefined
  /** The entries of the best log that may never have been committed, and will be: clients may have been told that their outcome is unknown. */
  readonly unconfirmed: {
    /** Index of the first; above `to` when there are none. */
    readonly from: LogIndex
    /** Index of the last. */
    readonly to: LogIndex
  }
  /** The highest term that any survivor knows. */
  readonly term: Term
}

/** A plan, and what carrying it out needs to know. */
export interface PlannedRecovery {
  readonly plan: RecoveryPlan
  readonly best: InspectedLog
}

/**
 * Compares the logs of everybody who is left, and changes nothing.
 * @throws A {@link RaftError} `RAFT_RECOVERY_REFUSED` when the logs are not those of different nodes of one group, one of them can't be used, or they contradict each other; and what the disk
 *   rejects with.
 */
export async function planRecovery(
  disk: Disk,
  directories: readonly string[],
  checksum: Checksum,
): Promise<PlannedRecovery> {
  if (directories.length === 0) throw refusal('no directory was named')
  const logs: (InspectedLog & { readonly survivor: Survivor })[] = []
  for (const directory of directories) {
    const inspected = await inspectLog(disk, directory, checksum)
    logs.push({ ...inspected, survivor: survivorOf(inspected) })
  }
  requireOneGroup(logs)
  // The sort is stable, so of equal logs the one that was named first.
  logs.sort((a, b) =>
    isEarlierEnd(a.survivor.end, b.survivor.end) ? 1 : isEarlierEnd(b.survivor.end, a.survivor.end) ? -1 : 0,
  )
  const [best] = logs
  const identity = best?.inspection.identity
  if (best === undefined || identity === undefined) throw refusal('no log was found')
  const { clusterId, group } = identity
  const plan = {
    clusterId,
    group,
    ...assess(
      logs.map(({ survivor }) => survivor),
      best.survivor,
    ),
  }
  requireAgreement(logs, plan.committedAtLeast)
  return { plan, best }
}

function assess(survivors: readonly Survivor[], best: Survivor): Omit<RecoveryPlan, 'clusterId' | 'group'> {
  const { membership, end, lost } = best
  const present = new Set(survivors.map(({ nodeId }) => nodeId))
  const committedAtLeast = Math.max(...survivors.map(({ snapshotIndex }) => snapshotIndex))
  return {
    survivors,
    best: best.nodeId,
    membership,
    missing: votersOf(membership).filter((id) => !present.has(id)),
    hasQuorum: Configuration.of(membership).isQuorum((id) => present.has(id)),
    committedAtLeast,
    lostAfter: end.index,
    damagedUpTo: lost,
    unconfirmed: { from: committedAtLeast + 1, to: end.index },
    term: Math.max(...survivors.map(({ term, end: { term: last } }) => Math.max(term, last))),
  }
}

function survivorOf({ inspection }: InspectedLog): Survivor {
  const { directory, identity, state, verdict, reason } = inspection
  if (identity === undefined || state === undefined)
    throw refusal(
      `the log in ${directory} can't be used (${verdict}${reason === undefined ? '' : `: ${reason}`})`,
    )
  return { directory, nodeId: identity.nodeId, ...state }
}

function requireOneGroup(logs: readonly { readonly inspection: InspectedLog['inspection'] }[]): void {
  const [first] = logs
  const seen = new Set<NodeId>()
  for (const { inspection } of logs) {
    const { identity, directory } = inspection
    const { clusterId, group, nodeId } = identity ?? {}
    const known = first?.inspection.identity
    if (clusterId !== known?.clusterId || group !== known?.group) {
      const told = `${directory} is of group ${group} in cluster ${clusterId}`
      throw refusal(
        `${told}, and ${first?.inspection.directory} of group ${known?.group} in cluster ${known?.clusterId}`,
      )
    }
    if (nodeId !== undefined && seen.has(nodeId)) throw refusal(`two of the logs are of node "${nodeId}"`)
    if (nodeId !== undefined) seen.add(nodeId)
  }
}

/** What is committed is the same everywhere (State Machine Safety, figure 3): logs that differ there are not of one history, or a disk lies. */
function requireAgreement(
  logs: readonly (InspectedLog & { readonly survivor: Survivor })[],
  committed: LogIndex,
): void {
  const [best, ...others] = logs
  if (best === undefined) return
  if (committed > best.survivor.end.index) {
    const { index } = best.survivor.end
    throw refusal(
      `the logs contradict each other: ${committed} is committed, and the most up to date log ends at ${index}`,
    )
  }
  for (const other of others) {
    const last = Math.min(committed, other.survivor.end.index)
    for (let index = 1; index <= last; index++) {
      const [a, b] = [termAt(best, index), termAt(other, index)]
      if (a === undefined || b === undefined || a === b) continue
      const { nodeId } = other.survivor
      throw refusal(
        `the logs contradict each other: "${nodeId}" has another entry at index ${index}, which is committed`,
      )
    }
  }
}

function termAt({ log }: InspectedLog, index: LogIndex): Term | undefined {
  const place = index - (log?.state.firstIndex ?? 0)
  const entries = log?.state.entries
  return entries === undefined || place < 0 || place >= entries.length ? undefined : entries.termAt(place)
}

/** Members that survive and are to go on together, sorted. */
export function survivingMembers({ membership, survivors }: RecoveryPlan): readonly NodeId[] {
  return membersOf(membership).filter((id) => survivors.some(({ nodeId }) => nodeId === id))
}

/** What makes a recovery impossible, or unsafe in a way that nobody asked for. */
export function refusal(problem: string): RaftError {
  return new RaftError('RAFT_RECOVERY_REFUSED', `${problem}. Nothing was changed.`)
}
