/** 2025-01-01, 00:00 UTC: where epochs begin. */
const ORIGIN_MS = 1_735_689_600_000

/** The last one that a life may begin with: far enough from the end of all epochs. `createGossip` takes none above. */
export const LAST_EPOCH: number = 2 ** 39

/** The time of day as an epoch: milliseconds since 2025-01-01, 0 for a clock that was never set. */
export function wallEpoch(wallMs: number = Date.now()): number {
  return Math.max(0, Math.floor(wallMs - ORIGIN_MS))
}
