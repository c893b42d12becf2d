import type { Clock } from '@colony/host'

/**
 * The clock that all processes of a machine share (CLOCK_MONOTONIC), in milliseconds: times that several processes took can be compared, and be one history.
 * `performance.now()` counts from another origin in each process.
 * @category Processes
 */
export const machineClock: Pick<Clock, 'now'> = {
  now: () => Number(process.hrtime.bigint()) / 1e6,
}
