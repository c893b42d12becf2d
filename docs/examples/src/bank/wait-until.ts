import { setTimeout as sleep } from 'node:timers/promises'
import { machineClock } from '@colony/testing/node'

const POLL_INTERVAL_MS = 10
/**
 * A machine with ten times as much to do as it can takes ten times as long, to start a process as well as to elect. Whoever waits must not take that for a failure, so all
 * patience is as long as what is waited for could ever take: only what never comes about is in vain.
 */
const PATIENCE_MS = 180_000

/** Something did not come about in time. */
export class WaitedInVain extends Error {
  override readonly name = 'WaitedInVain'
}

/** What to wait for. */
export interface WaitOptions {
  /** Begins the message of the error: "every node is up: not within 180 s". */
  readonly what: string
  readonly signal: AbortSignal
}

/** Resolves once `condition` holds. */
export async function waitUntil(condition: () => boolean, options: WaitOptions): Promise<void> {
  const { what, signal } = options
  const deadline = machineClock.now() + PATIENCE_MS
  while (!condition()) {
    if (machineClock.now() >= deadline) throw new WaitedInVain(`${what}: not within ${PATIENCE_MS / 1000} s`)
    await sleep(POLL_INTERVAL_MS, undefined, { signal })
  }
}
