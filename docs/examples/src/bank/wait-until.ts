import { setTimeout as sleep } from 'node:timers/promises'
import { machineClock } from '@colony/testing/node'

const POLL_INTERVAL_MS = 10

/** Something did not come about in time. */
export class WaitedInVain extends Error {
  override readonly name = 'WaitedInVain'
}

/** How long to wait for what. */
export interface WaitOptions {
  /** Begins the message of the error: "every node is up: not within 10 s". */
  readonly what: string
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** Resolves once `condition` holds. */
export async function waitUntil(condition: () => boolean, options: WaitOptions): Promise<void> {
  const { what, timeoutMs, signal } = options
  const deadline = machineClock.now() + timeoutMs
  while (!condition()) {
    if (machineClock.now() >= deadline) throw new WaitedInVain(`${what}: not within ${timeoutMs / 1000} s`)
    await sleep(POLL_INTERVAL_MS, undefined, { signal })
  }
}
