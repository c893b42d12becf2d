/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock } from '@colony/host'

/** How a wait is ended from outside. */
export interface WaitEnds {
  readonly clock: Clock
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  /** The time is over. */
  readonly timedOut: () => void
  /** The signal has aborted. */
  readonly aborted: (reason: unknown) => void
}

/** Watches over one wait. The result stops that; it must be called when the wait has ended, however it did. */
export function watchWait({ clock, timeoutMs, signal, timedOut, aborted }: WaitEnds): () => void {
  const onAbort = (): void => aborted(signal?.reason)
  const timer = clock.after(timeoutMs, timedOut)
  signal?.addEventListener('abort', onAbort)
  return () => {
    timer[Symbol.dispose]()
    // A long-lived signal must not collect everything that was ever bound to it.
    signal?.removeEventListener('abort', onAbort)
  }
}
