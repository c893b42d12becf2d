import type { Random } from '@colony/host'

/** Doublings beyond which the cap is reached anyway. */
const MAX_DOUBLINGS = 30

/**
 * How long to wait after so many attempts in vain: twice as long each time, up to `capMs`, a quarter more or less at random, so that nodes that began together do not go
 * on together.
 */
export function backoffMs(attempts: number, firstMs: number, capMs: number, random: Random): number {
  const wait = Math.min(capMs, firstMs * 2 ** Math.min(attempts, MAX_DOUBLINGS))
  return wait * (0.75 + 0.5 * random.float())
}
