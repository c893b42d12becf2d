import type { Disk, DiskFile } from '@colony/host'
import { segmentName, TEMPORARY_SUFFIX } from './format.ts'

/** How much is zeroed and synced at a time: a commit that meets it on the same disk waits for that much, not for a whole segment. */
const CHUNK_BYTES = 1024 * 1024

/** A segment that is open for writing. */
export interface SegmentFile {
  readonly sequence: number
  readonly file: DiskFile
  /** Size that it was made with; it never changes. */
  readonly bytes: number
}

/** What making a segment needs to know. */
export interface SegmentPlan {
  readonly disk: Disk
  readonly directory: string
  readonly sequence: number
  /** Size, a multiple of 8. */
  readonly bytes: number
  /** Asked between writes: whether to leave off. */
  readonly cancelled: () => boolean
}

/**
 * Makes a segment, full of zeros and durable with its name, so that writing a record to it changes neither the size nor any other
 * metadata: one write is the whole commit. It gets its name last, so a crash leaves a temporary file, which nobody reads; an unused
 * segment of that name is replaced. Returns `undefined` when cancelled.
 */
export async function makeSegment(plan: SegmentPlan): Promise<SegmentFile | undefined> {
  const { disk, directory, sequence, bytes } = plan
  const path = `${directory}/${segmentName(sequence)}`
  const temporary = path + TEMPORARY_SUFFIX
  const made = await disk.open(temporary, { create: true })
  try {
    // One left over from a crash may be longer, and may hold anything.
    await made.truncate(0)
    if (!(await fillWithZeros(made, 0, bytes, plan.cancelled))) return undefined
  } catch (error) {
    // On a full disk what was made of it is in the way of everybody else.
    await disk.remove(temporary).catch(() => undefined)
    throw error
  } finally {
    await made.close()
  }
  await disk.rename(temporary, path)
  await disk.syncDirectory(directory)
  return { sequence, bytes, file: await disk.open(path) }
}

/** Durably overwrites `from` to `to` with zeros. `false` when cancelled. */
async function fillWithZeros(
  file: DiskFile,
  from: number,
  to: number,
  cancelled: () => boolean,
): Promise<boolean> {
  const zeros = new Uint8Array(Math.min(CHUNK_BYTES, to - from))
  for (let position = from; position < to; position += zeros.byteLength) {
    if (cancelled()) return false
    await file.write(position, zeros.subarray(0, Math.min(zeros.byteLength, to - position)))
    await file.sync()
  }
  return true
}

/** Durably overwrites `from` to `to` with zeros. */
export async function eraseDurably(file: DiskFile, from: number, to: number): Promise<void> {
  await fillWithZeros(file, from, to, () => false)
}
