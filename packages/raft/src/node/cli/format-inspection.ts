import type { LogInspection, LogVerdict } from '../../recovery/inspect-log.ts'
import type { LogDamage, SegmentReport } from '../../recovery/inspect-segment.ts'
import type { SnapshotReport } from '../../recovery/inspect-snapshots.ts'

/** What a verdict means for whoever runs the node. */
const MEANINGS: Readonly<Record<LogVerdict, string>> = {
  empty: 'empty: a start founds a new log here',
  sound: 'sound: all is as it was written',
  torn: 'torn: a write was interrupted; nobody was told that it was done, and a start removes what is left of it',
  damaged: 'damaged: the node can start, and keeps its promises; what is lost comes from the other nodes',
  refused: 'damaged: a start is refused, because the node could break a promise',
  retired: 'given up: its node is refused here',
}

/** A log in words, line by line. */
export function formatInspection(inspection: LogInspection): string[] {
  const { directory, identity, incarnation, segments, snapshots, state, verdict, reason } = inspection
  const lines = [directory]
  if (identity !== undefined) {
    const { nodeId, group, clusterId, voters } = identity
    const founded = voters.length === 0 ? 'joined later' : `founded by ${voters.join(', ')}`
    lines.push(`  node ${nodeId} of group ${group} in cluster ${clusterId}, ${founded}, log ${incarnation}`)
  }
  for (const segment of segments) lines.push(...formatSegment(segment, inspection.damage))
  for (const snapshot of snapshots) lines.push(formatSnapshot(snapshot))
  if (state !== undefined) {
    const { term, vote, firstIndex, end, lost } = state
    const vote_ = vote === '' ? 'no vote' : `vote for ${vote}`
    lines.push(
      `  term ${term}, ${vote_}; entries ${firstIndex} to ${end.index}, the last of term ${end.term}`,
    )
    if (lost !== undefined)
      lines.push(
        `  lost: entries ${end.index + 1} to ${lost.index}; it will elect nobody whose log ends before index ${lost.index} of term ${lost.term}`,
      )
  }
  lines.push(`  ${MEANINGS[verdict]}`)
  if (reason !== undefined) lines.push(`  ${reason}`)
  return lines
}

function formatSegment(segment: SegmentReport, damage: readonly LogDamage[]): string[] {
  const { file, bytes, usedBytes, records, firstRecord, lastRecord, firstIndex, lastIndex } = segment
  const { firstTerm, lastTerm } = segment
  if (usedBytes === 0) return [`  ${file}: ${bytes} bytes, prepared and not used yet`]
  const held = firstIndex === 0 ? 'no entries' : `indexes ${firstIndex} to ${lastIndex}`
  const what = records === 0 ? 'no record' : `records ${firstRecord} to ${lastRecord} (${records}), ${held}`
  const terms = records === 0 ? '' : `, terms ${firstTerm} to ${lastTerm}`
  return [
    `  ${file}: ${usedBytes} of ${bytes} bytes, ${what}${terms}`,
    ...damage
      .filter((each) => each.file === file)
      .map((each) => `    byte ${each.position}, ${each.bytes} bytes: ${each.problem}`),
  ]
}

function formatSnapshot({ file, bytes, index, term, membership, problem }: SnapshotReport): string {
  if (problem !== undefined) return `  ${file}: up to index ${index}; ${problem}`
  const { voters = [], learners = [] } = membership ?? {}
  const also = learners.length === 0 ? '' : `, learners ${learners.join(', ')}`
  return `  ${file}: up to index ${index} of term ${term}, ${bytes} bytes, voters ${voters.join(', ')}${also}`
}
