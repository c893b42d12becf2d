import type { Checksum, Disk } from '@colony/host'
import { encodeMembership, type Membership, votersOf } from '../core/membership.ts'
import { readIdentity, writeIdentity } from '../storage/log/identity-file.ts'
import { logStorage } from '../storage/log/log-storage.ts'
import { type AuditRecord, readAudit, writeAudit } from './audit-file.ts'
import { inspectLog } from './inspect-log.ts'
import { planRecovery, type RecoveryPlan, refusal, survivingMembers } from './recovery-plan.ts'

/**
 * How {@link forceQuorumRecovery} goes about it.
 * @category Recovery
 */
export interface ForceOptions {
  /** Says that the loss which the plan speaks of is accepted. */
  readonly acceptLoss: true
  /** Why, and by whom: kept in the audit file. Not empty. */
  readonly reason: string
  /** Id of the cluster from now on, another one than before. Default: the old one with `~2`, `~3`, … behind it. */
  readonly clusterId?: string
}

/**
 * What {@link forceQuorumRecovery} did.
 * @category Recovery
 */
export interface ForcedRecovery {
  /** What was found before. `undefined` when an interrupted recovery was ended. */
  readonly plan: RecoveryPlan | undefined
  /** What was decided, as the audit file in the directory says. */
  readonly audit: AuditRecord
}

/**
 * Makes the best log of the survivors the beginning of a new cluster: gives it another cluster id, and writes behind its end, in a term above all that is known, a membership of which it is the only voter, with the
 * other survivors as learners that are to vote once they have caught up. No other directory is changed: those nodes have to be started anew, on empty directories, as nodes that join.
 *
 * The cluster id fences the old members: transports refuse them, and their directories are refused under the new id. First the identity changes, then the membership: a crash in between leaves a node that nobody can
 * elect, and doing it again ends what was begun.
 * @throws A {@link RaftError} `RAFT_RECOVERY_REFUSED` when the survivors are a quorum, the loss was not accepted, or there is no plan; and what the disk rejects with.
 */
export async function forceRecovery(
  disk: Disk,
  directories: readonly string[],
  checksum: Checksum,
  options: ForceOptions,
  at: string,
): Promise<ForcedRecovery> {
  if ((options.acceptLoss as boolean) !== true) throw refusal('the loss was not accepted')
  if (options.reason.trim() === '') throw refusal('a reason must be given, for the audit file')
  for (const directory of directories) {
    const begun = await readAudit(disk, directory, checksum)
    if (begun === undefined || begun.done) continue
    return { plan: undefined, audit: await carryOut(disk, directory, checksum, begun) }
  }
  const { plan, best } = await planRecovery(disk, directories, checksum)
  if (plan.hasQuorum) throw refusal('the survivors are a quorum: start them, and they go on by themselves')
  const clusterId = options.clusterId ?? nextClusterId(plan.clusterId)
  if (clusterId === plan.clusterId) throw refusal(`the cluster id must be another one than "${clusterId}"`)
  const members = survivingMembers(plan)
  if (!members.includes(plan.best)) throw refusal(`"${plan.best}", which has the best log, is no member`)
  const { directory } = best.inspection
  const audit: AuditRecord = {
    ...{ at, reason: options.reason, group: plan.group, chosen: plan.best, done: false },
    ...{ from: plan.clusterId, to: clusterId, survivors: members, missing: plan.missing },
    ...{ term: plan.term + 1, index: plan.lostAfter + 1, committedAtLeast: plan.committedAtLeast },
  }
  await writeAudit(disk, directory, audit, checksum)
  return { plan, audit: await carryOut(disk, directory, checksum, audit) }
}

/** Each step is found done, or done again. */
async function carryOut(
  disk: Disk,
  directory: string,
  checksum: Checksum,
  audit: AuditRecord,
): Promise<AuditRecord> {
  const stored = await readIdentity(disk, directory, checksum)
  if (stored === undefined) throw refusal(`${directory} has no identity any more`)
  const identity = { ...stored.identity, clusterId: audit.to }
  if (stored.identity.clusterId !== audit.to)
    await writeIdentity(disk, directory, { ...stored, identity }, checksum)
  const { inspection, isReplaced } = await inspectLog(disk, directory, checksum)
  const { state } = inspection
  if (state === undefined)
    throw refusal(`the log in ${directory} can't be used: ${inspection.reason ?? inspection.verdict}`)
  if (state.end.index < audit.index) {
    if (state.end.index !== audit.index - 1 || state.term >= audit.term)
      throw refusal(`the log in ${directory} has changed since the recovery was begun`)
    const storage = logStorage({ disk, directory, checksum })
    try {
      const { incarnation } = await storage.open(identity)
      const data = encodeMembership(membershipAfter(state.membership, audit, incarnation))
      await storage.persist({
        ...{ term: audit.term, vote: '', firstIndex: audit.index },
        entries: [{ term: audit.term, kind: 'configuration', data }],
        ...(isReplaced === true && { replacesLog: true }),
      })
    } finally {
      await storage.close()
    }
  }
  const done = { ...audit, done: true }
  await writeAudit(disk, directory, done, checksum)
  return done
}

/** The chosen node votes alone; the group goes on from there by itself, to all survivors. */
function membershipAfter(
  before: Membership,
  audit: AuditRecord,
  incarnation: number | undefined,
): Membership {
  const { chosen, survivors } = audit
  const learners = survivors.filter((id) => id !== chosen)
  const voted = votersOf(before)
  const voters = survivors.filter((id) => id === chosen || voted.includes(id))
  const goal =
    voters.length === 1 ? undefined : { voters, learners: survivors.filter((id) => !voters.includes(id)) }
  const addresses = new Map([...before.addresses].filter(([id]) => survivors.includes(id)))
  const known = before.incarnations === undefined || incarnation === undefined ? undefined : incarnation
  return {
    ...{ voters: [chosen], outgoing: [], learners, goal, addresses },
    ...(known !== undefined && { incarnations: new Map([[chosen, known]]), removed: before.removed ?? [] }),
  }
}

function nextClusterId(clusterId: string): string {
  const [, name = clusterId, count] = /^(.*)~(\d+)$/.exec(clusterId) ?? []
  return `${name}~${Number(count ?? 1) + 1}`
}
