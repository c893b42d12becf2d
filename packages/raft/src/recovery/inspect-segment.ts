import type { LogIndex, Term } from '../core/entry.ts'
import { segmentName } from '../storage/log/format.ts'
import type { RecordReader } from '../storage/log/record-reader.ts'
import { type FoundRecord, walkRecords } from '../storage/log/record-walk.ts'

/**
 * Bytes of a log that are not what was written.
 * @category Recovery
 */
export interface LogDamage {
  /** Name of the file in its directory. */
  readonly file: string
  /** First byte of it. */
  readonly position: number
  /** How many bytes of it can't be trusted. */
  readonly bytes: number
  /** What that means, as a sentence without its end. */
  readonly problem: string
}

/**
 * What is in one segment file of a log.
 * @category Recovery
 */
export interface SegmentReport {
  /** Name of the file in its directory. */
  readonly file: string
  /** Size of the file. */
  readonly bytes: number
  /** How much of it is written to. */
  readonly usedBytes: number
  /** Records in it that are whole. */
  readonly records: number
  /** Numbers of the first and last of them; 0 when there is none. */
  readonly firstRecord: number
  /** See `firstRecord`. */
  readonly lastRecord: number
  /** Lowest and highest index that any of them holds; 0 when none holds entries. */
  readonly firstIndex: LogIndex
  /** See `firstIndex`. */
  readonly lastIndex: LogIndex
  /** Terms of the first and last of them. */
  readonly firstTerm: Term
  /** See `firstTerm`. */
  readonly lastTerm: Term
  /** What is wrong with it, in the order of the bytes. */
  readonly damage: readonly LogDamage[]
}

/** Looks at every record of a segment, also behind damage. */
export function inspectSegment(sequence: number, reader: RecordReader): SegmentReport {
  const file = segmentName(sequence)
  const usedBytes = reader.lastUsed(0)
  const report = {
    ...{ file, bytes: reader.bytes.byteLength, usedBytes, records: 0, firstRecord: 0, lastRecord: 0 },
    ...{ firstIndex: 0, lastIndex: 0, firstTerm: 0, lastTerm: 0, damage: [] as LogDamage[] },
  }
  if (usedBytes === 0) return report
  const header = reader.segmentHeader()
  if (header === undefined) {
    report.damage.push({ file, position: 0, bytes: 40, problem: 'the header of the segment is unreadable' })
  } else if (header.bytes > report.bytes) {
    const problem = `the file is cut short: it was made with ${header.bytes} bytes`
    report.damage.push({ file, position: report.bytes, bytes: header.bytes - report.bytes, problem })
  }
  for (const found of walkRecords(reader)) {
    if (found.kind !== 'record') {
      report.damage.push(damageOf(file, found, report.lastRecord))
      continue
    }
    const { number, term, firstIndex, entryCount } = found.header
    if (report.records++ === 0) Object.assign(report, { firstRecord: number, firstTerm: term })
    report.lastRecord = number
    report.lastTerm = term
    if (firstIndex === 0) continue
    if (report.firstIndex === 0 || firstIndex < report.firstIndex) report.firstIndex = firstIndex
    report.lastIndex = Math.max(report.lastIndex, firstIndex - 1 + entryCount)
  }
  return report
}

function damageOf(
  file: string,
  found: Exclude<FoundRecord, { kind: 'record' }>,
  lastRecord: number,
): LogDamage {
  if (found.kind === 'unreadable') {
    const { from, to } = found
    const behind = lastRecord === 0 ? 'the beginning' : `record ${lastRecord}`
    return { file, position: from, bytes: to - from, problem: `nothing behind ${behind} can be read` }
  }
  const { header } = found
  const { position, end, number, firstIndex, entryCount, term } = header
  const held =
    firstIndex === 0
      ? 'no entries'
      : entryCount === 0
        ? `the cut before index ${firstIndex}`
        : `entries ${firstIndex} to ${firstIndex - 1 + entryCount}`
  const why = found.kind === 'payload' ? 'is not what was written' : `makes no sense (${found.problem})`
  return {
    file,
    position,
    bytes: end - position,
    problem: `record ${number} of term ${term}, which held ${held}, ${why}`,
  }
}
