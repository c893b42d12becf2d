import type { Timing } from '../timing.ts'

/** What the times are derived from. */
export type SuspicionTiming = Pick<Timing, 'suspicionFactor' | 'maxSuspicionFactor' | 'probeIntervalMs'>

/** How long a suspect has to refute. */
export interface SuspicionTime {
  /** With all confirmations that are waited for, in milliseconds. */
  readonly leastMs: number
  /** Without any. */
  readonly mostMs: number
  /** How many independent confirmations bring it down to the least. */
  readonly expected: number
}

/** The accuser and one more are not enough to confirm: α counts both. */
const NOT_CONFIRMING = 2

/**
 * The times for a cluster of `members` (Lifeguard, section 4.2): least = α · max(1, log10 n) · interval, most = β · least, and K = α - 2 confirmations. Where there are too few
 * others to confirm, the least holds at once.
 */
export function suspicionTime(timing: SuspicionTiming, members: number, shrinks: boolean): SuspicionTime {
  const { suspicionFactor, maxSuspicionFactor, probeIntervalMs } = timing
  const leastMs = suspicionFactor * Math.max(1, Math.log10(Math.max(1, members))) * probeIntervalMs
  const wanted = Math.max(0, Math.floor(suspicionFactor) - NOT_CONFIRMING)
  const expected = shrinks && members - NOT_CONFIRMING >= wanted ? wanted : 0
  return { leastMs, mostMs: expected === 0 ? leastMs : maxSuspicionFactor * leastMs, expected }
}

/**
 * How long a suspicion lasts, from its begin, with so many confirmations: it goes down logarithmically from the most to the least, so that the first confirmations count for most
 * (Lifeguard, section 4.2).
 */
export function suspicionMs({ leastMs, mostMs, expected }: SuspicionTime, confirmations: number): number {
  if (expected === 0) return leastMs
  const part = Math.log(confirmations + 1) / Math.log(expected + 1)
  return Math.max(leastMs, mostMs - (mostMs - leastMs) * part)
}
