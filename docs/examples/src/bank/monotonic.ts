/**
 * Milliseconds on the clock that all processes of a machine share (CLOCK_MONOTONIC), so that the times of several processes can be
 * compared. `performance.now()` counts from another origin in each process.
 */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
