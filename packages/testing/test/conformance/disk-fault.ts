import type { Disk, DiskFile } from '@colony/host'
import { ColonyError } from '@colony/host'

/** What is done instead of what a sound disk does. */
export interface DiskFault {
  /** Methods that take the place of those of the disk. */
  readonly disk?: Partial<Disk>
  /** Methods that take the place of those of an open file. */
  readonly file?: (inner: DiskFile, path: string) => Partial<DiskFile>
}

/** What a fault is made of: a sound disk, and whether its power was cut. */
export type MakeDiskFault = (sound: Disk, wasCrashed: () => boolean) => DiskFault

/** An error as disks raise it. */
export function diskError(code: string): ColonyError {
  const cause = Object.assign(new Error(code), { code })
  return new ColonyError('HOST_DISK_FAILED', code, { cause })
}
