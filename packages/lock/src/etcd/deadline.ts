/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock } from '@colony/host'
import { LockError } from '../errors.ts'

/**
 * Asks, and does not wait for the answer for longer than `timeoutMs`, whatever the client makes of the signal.
 * @throws A `LockError` with code `LOCK_NO_ANSWER`, or what the client throws.
 */
export function withDeadline<Answer>(
  clock: Clock,
  timeoutMs: number,
  ask: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const aborter = new AbortController()
    const timer = clock.after(timeoutMs, () => {
      const error = new LockError('LOCK_NO_ANSWER', `etcd did not answer within ${timeoutMs} ms`, {
        retryable: true,
      })
      reject(error)
      aborter.abort(error)
    })
    ask(aborter.signal)
      .finally(() => timer[Symbol.dispose]())
      .then(resolve, reject)
  })
}
