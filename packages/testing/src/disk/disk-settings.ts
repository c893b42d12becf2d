import { requireRange } from '../errors.ts'

/**
 * How well a disk works. Every field may be changed while the simulation runs.
 * @category Disk
 */
export interface DiskSettings {
  /** How many times as long as usual every operation takes, 0.01 to 10^5. Default 1. A slow disk must cost nothing but time. */
  readonly slowdown: number
  /**
   * How many bytes more the files may hold together, 0 to 2^53 - 1, from now on. Default 2^53 - 1: no limit. Beyond it, a write puts down what fits and fails with `ENOSPC`,
   * and so does an extending truncation. What is there must stay readable, and the service go on, or stop, without a lie.
   */
  readonly freeBytes: number
  /**
   * Probability that a `write` or `writeDurable` fails with `EIO`, 0 to 1. Default 0. Part of it may have happened; of a `writeDurable` none of it may ever be durable, though
   * it can be read. The protocol must stop, or start again from what the disk has, as after a crash.
   */
  readonly writeFailure: number
  /**
   * Probability that a `sync` or `syncDirectory` fails with `EIO`, 0 to 1. Default 0. What was to be synced can still be read, but may never become durable, and the next sync
   * succeeds all the same. The protocol must stop, or start again from what the disk has; trying the sync again loses data.
   */
  readonly syncFailure: number
  /** Probability that a `read` gives back one wrong bit, 0 to 1. Default 0. Reading again gives what is there. It must be detected. */
  readonly readCorruption: number
  /**
   * Probability that a `read` finds one bit of what it reads changed for good, 0 to 1. Default 0. It must be detected, and what is lost must come from other nodes: which
   * can only be as long as a majority has it.
   */
  readonly rot: number
  /**
   * Probability that a `write` or `writeDurable` goes to another place of the same file, some sectors away, 0 to 1. Default 0. Programs see it where it belongs until the power fails; then
   * the place has its old content, and another place is overwritten. It must be detected, and needs other nodes as `rot` does.
   */
  readonly misdirection: number
  /**
   * Probability that a `read` gives back fewer bytes than there are, 0 to 1. Default 0. The `Disk` interface forbids that, and real ones keep it: only for code that
   * means to survive worse than the interface promises. It is never generated.
   */
  readonly shortRead: number
}

/**
 * A change to a disk: the fields that are named take the value, and with `null` go back to the default.
 * @category Disk
 */
export type DiskChange = { readonly [Field in keyof DiskSettings]?: DiskSettings[Field] | null }

/** A disk that works. */
export const SOUND_DISK: DiskSettings = {
  slowdown: 1,
  freeBytes: Number.MAX_SAFE_INTEGER,
  writeFailure: 0,
  syncFailure: 0,
  readCorruption: 0,
  rot: 0,
  misdirection: 0,
  shortRead: 0,
}

/** The change that takes every change back. */
export const SOUND_AGAIN: DiskChange = Object.fromEntries(
  Object.keys(SOUND_DISK).map((field) => [field, null]),
)

const FIELDS = Object.keys(SOUND_DISK) as (keyof DiskSettings)[]

/** Refuses values out of range. */
export function validateDiskChange(change: DiskChange): DiskChange {
  for (const field of FIELDS) {
    const value = change[field]
    if (value === undefined || value === null) continue
    const [min, max] =
      field === 'slowdown' ? [0.01, 1e5] : field === 'freeBytes' ? [0, Number.MAX_SAFE_INTEGER] : [0, 1]
    requireRange(`disk.${field}`, value, min, max)
  }
  return change
}

/** Lays a change over settings. */
export function changedDisk(settings: DiskSettings, change: DiskChange): DiskSettings {
  const result: Record<keyof DiskSettings, number> = { ...settings }
  for (const field of FIELDS) {
    const value = change[field]
    if (value !== undefined) result[field] = value ?? SOUND_DISK[field]
  }
  return result
}
