import type { Random } from '@colony/host'

/**
 * What a disk can be asked to do, by the names of the methods of `Disk` and `DiskFile`.
 * @category Disk
 */
export type DiskOperation =
  | 'open'
  | 'list'
  | 'makeDirectory'
  | 'rename'
  | 'remove'
  | 'syncDirectory'
  | 'size'
  | 'read'
  | 'write'
  | 'writeDurable'
  | 'sync'
  | 'truncate'
  | 'close'

/**
 * How long operations take: from the first to the second number of milliseconds of simulated time, fractions allowed.
 * @category Disk
 */
export type DiskLatency = Partial<Record<DiskOperation, readonly [minMs: number, maxMs: number]>>

/**
 * What a {@link SimulatedDisk} runs on.
 * @category Disk
 */
export interface SimulatedDiskOptions {
  /** Source of every latency, and of what each crash does. */
  readonly random: Random
  /** Runs a task after so many milliseconds of simulated time. Tasks of the same delay may run in any order; a task may also never run. */
  readonly later: (delayMs: number, task: () => void) => void
  /**
   * Latency by operation, in milliseconds. Default: 0.1 to 0.5 for `writeDurable`, `sync` and `syncDirectory` (a drive with a short queue), 0.01 to
   * 0.05 for everything else (the page cache).
   */
  readonly latency?: DiskLatency
}

const DURABLE: readonly [number, number] = [0.1, 0.5]
const CACHED: readonly [number, number] = [0.01, 0.05]

/** Latency of operations that the options say nothing of. */
export const DEFAULT_LATENCY: Required<DiskLatency> = {
  open: CACHED,
  list: CACHED,
  makeDirectory: DURABLE,
  rename: CACHED,
  remove: CACHED,
  syncDirectory: DURABLE,
  size: CACHED,
  read: CACHED,
  write: CACHED,
  writeDurable: DURABLE,
  sync: DURABLE,
  truncate: CACHED,
  close: CACHED,
}

/**
 * What a power failure could still undo, and what is under way.
 * @category Disk
 */
export interface DiskPending {
  /** Operations that have not resolved. */
  readonly operations: number
  /** Page writes and changes of size that no sync covers. */
  readonly writes: number
  /** Creations, renames and removals that no directory sync covers. */
  readonly names: number
}
