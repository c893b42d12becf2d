import type { Disk } from '@colony/host'
import type { ConformancePlace } from '../conformance-case.ts'

/**
 * What a disk may allow beyond the least. `crash`: the power can be cut, with {@link DiskPlace.crash}, so that durability can be checked; real
 * disks cannot offer it.
 * @category Conformance
 */
export type DiskAbility = 'crash'

/**
 * A disk, and room on it for one case.
 * @category Conformance
 */
export interface DiskPlace extends ConformancePlace {
  /** The disk. */
  readonly disk: Disk
  /** An empty directory on it, durably made, without a slash at its end. */
  readonly directory: string
  /**
   * Cuts the power: whatever is not durable may be gone, and files that were open are of no use any more. Should lose as much as it may, most of
   * the time: a case looks at several crashes, each on a place of its own. Needed for the ability `crash`.
   */
  crash?(): Promise<void> | void
}

/**
 * Makes disks for {@link diskConformance}.
 * @category Conformance
 */
export interface DiskFactory {
  /** What can be done with the disks. */
  readonly supports: readonly DiskAbility[]
  /** Makes a place that nobody else uses; called once a case, and several times for one that crashes. */
  place(): Promise<DiskPlace> | DiskPlace
}
