/// <reference lib="esnext.disposable" preserve="true" />
import type { HeldLock } from './held-lock.ts'
import type { ResolvedOptions } from './options.ts'

/** After an attempt that failed, the next one comes after this share of the time that is left. */
const IMPATIENCE = 1 / 3

/**
 * Extends a lock at a third of its time, again and again, while it is held and `maxHold` is not over. Jittered, so that many locks that began together
 * do not go on together. Ends by itself; an attempt that fails is repeated while there is time.
 */
export function keepExtending(lock: HeldLock, ttl: number, maxHold: number, options: ResolvedOptions): void {
  const { clock, random } = options
  const until = clock.now() + maxHold
  const plan = (): void => {
    const now = clock.now()
    const left = lock.remaining
    if (left <= 0 || now >= until) return
    // Two thirds are left at the planned time: enough for a second and a third attempt.
    const delay = Math.max(0, left - (ttl * 2) / 3) + ttl * IMPATIENCE * 0.2 * random.float()
    lock.extension = clock.after(Math.min(delay, left * IMPATIENCE + 1), attempt)
  }
  const attempt = (): void => {
    // What would be kept longer than wanted is not extended beyond that.
    const allowed = Math.min(ttl, until - clock.now())
    if (allowed < 10 || !lock.isHeld) return
    // `extend` never rejects for these arguments.
    void lock.extend(allowed).then(plan)
  }
  plan()
}
