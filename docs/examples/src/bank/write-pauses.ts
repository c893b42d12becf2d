import type { Fault } from './fault-injector.ts'
import type { OperationRecord } from './operation-record.ts'

/**
 * For each fault, the longest time in which no transfer of anybody was acknowledged, from the fault to the next one (after the last
 * fault: to the end of the load). In milliseconds.
 */
export function writePauses(
  records: readonly OperationRecord[],
  faults: readonly Pick<Fault, 'startedAt'>[],
  stoppedAt: number,
): readonly number[] {
  const acknowledged = Float64Array.from(
    records.filter((record) => record.kind === 'transfer' && record.result !== undefined),
    ({ completedAt }) => completedAt,
  ).sort()
  return faults.map(({ startedAt }, nth) => {
    const end = faults[nth + 1]?.startedAt ?? stoppedAt
    return longestGap(acknowledged, startedAt, end)
  })
}

/** The longest gap between `start` and `end`. What lies beyond the end is the next fault's doing. */
function longestGap(times: Float64Array, start: number, end: number): number {
  let longest = 0
  let last = start
  for (const time of times) {
    if (time < start) continue
    if (time > end) break
    longest = Math.max(longest, time - last)
    last = time
  }
  return Math.max(longest, end - last)
}
