import { setTimeout as sleep } from 'node:timers/promises'
import { monotonicMs } from './monotonic.ts'

const POLL_INTERVAL_MS = 10

/** How long to wait for what. */
export interface WaitOptions {
  /** Ends the message of the error: "… within 10 s: every node is up". */
  readonly what: string
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** Resolves once `condition` holds. */
export async function waitUntil(condition: () => boolean, options: WaitOptions): Promise<void> {
  const { what, timeoutMs, signal } = options
  const deadline = monotonicMs() + timeoutMs
  while (!condition()) {
    if (monotonicMs() >= deadline) throw new Error(`waited in vain for ${timeoutMs / 1000} s: ${what}`)
    await sleep(POLL_INTERVAL_MS, undefined, { signal })
  }
}
