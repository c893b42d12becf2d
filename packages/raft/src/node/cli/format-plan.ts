import type { AuditRecord } from '../../recovery/audit-file.ts'
import type { RecoveryPlan } from '../../recovery/recovery-plan.ts'

/** A plan in words, line by line. */
export function formatPlan(plan: RecoveryPlan): string[] {
  const { group, clusterId, survivors, best, membership, missing, committedAtLeast } = plan
  const lines = [`group ${group} in cluster ${clusterId}`]
  for (const { nodeId, directory, end, term, snapshotIndex } of survivors) {
    const mark = nodeId === best ? ' (the best)' : ''
    lines.push(
      `  ${nodeId}${mark}: ${directory}, log up to index ${end.index} of term ${end.term}, snapshot up to ${snapshotIndex}, term ${term}`,
    )
  }
  lines.push(`  voters: ${membership.voters.join(', ')}; missing: ${missing.join(', ') || 'nobody'}`)
  if (plan.hasQuorum) return [...lines, '  They are a quorum: start them, and they go on by themselves.']
  return [...lines, `  Committed for certain: up to index ${committedAtLeast}.`, ...formatLoss(plan)]
}

function formatLoss({ lostAfter, missing, damagedUpTo, unconfirmed, best }: RecoveryPlan): string[] {
  const lines = [
    `  May be lost: whatever ${missing.join(', ')} had committed behind index ${lostAfter}, although clients were told that it was done.`,
  ]
  if (damagedUpTo !== undefined)
    lines.push(
      `  Lost for certain: entries ${lostAfter + 1} to ${damagedUpTo.index}, which are damaged in the log of ${best}.`,
    )
  if (unconfirmed.from <= unconfirmed.to)
    lines.push(
      `  Will be committed, whether it was before or not: entries ${unconfirmed.from} to ${unconfirmed.to}.`,
    )
  return lines
}

/** What to do once the new beginning is written. */
export function formatForced({ chosen, to, from, index, survivors }: AuditRecord): string[] {
  const others = survivors.filter((id) => id !== chosen)
  return [
    `  forced: ${chosen} is the only voter of cluster ${to}, by the entry at index ${index}`,
    `  Now start ${chosen} with the cluster id ${to}.`,
    ...(others.length === 0
      ? []
      : [`  Then start ${others.join(', ')} on empty directories, with the same id and join: true.`]),
    `  Never start a node on a directory of cluster ${from} again.`,
  ]
}
