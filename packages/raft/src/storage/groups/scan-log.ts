import type { Entry } from '../../core/entry.ts'
import { SEGMENT_HEADER_BYTES, segmentName, segmentSequence } from '../log/format.ts'
import { RecordReader } from '../log/record-reader.ts'
import type { LogPlace } from '../log/recovery.ts'
import { segmentSalt } from '../log/segment-header.ts'

/**
 * Reads a log that is open and being written: hands every entry that is there to `visit`, in order, with its index. What it is asked for must be durable; it stops where nothing
 * readable stands yet.
 */
export async function scanLog(place: LogPlace, visit: (entry: Entry, index: number) => void): Promise<void> {
  const { disk, directory } = place
  const sequences = (await disk.list(directory)).map(segmentSequence).filter((number) => number !== undefined)
  for (const sequence of sequences.sort((a, b) => a - b)) {
    const reader = await readSegment(place, sequence)
    if (reader === undefined) continue
    for (let position = SEGMENT_HEADER_BYTES; ;) {
      const header = reader.header(position)
      if (header === undefined || !reader.intact(header)) break
      const decoded = reader.decode(header)
      if ('problem' in decoded) break
      const { firstIndex, entries } = decoded.record
      for (const [at, entry] of entries.entries()) visit(entry, firstIndex + at)
      position = header.end
    }
  }
}

/** The records of a segment; `undefined` when it was never written to, or is gone. */
async function readSegment(place: LogPlace, sequence: number): Promise<RecordReader | undefined> {
  const { disk, directory, incarnation, checksum } = place
  let bytes: Uint8Array
  try {
    const file = await disk.open(`${directory}/${segmentName(sequence)}`)
    bytes = await file.size().then((size) => file.read(0, size))
    await file.close()
  } catch (error) {
    // Segments in front are removed meanwhile: nothing in them is needed.
    if ((await disk.list(directory)).includes(segmentName(sequence))) throw error
    return undefined
  }
  const reader = new RecordReader(bytes, segmentSalt(checksum, incarnation, sequence), checksum)
  return reader.segmentHeader() === undefined ? undefined : reader
}
