/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock } from '@colony/host'
import type { GrantRequest } from '../backend.ts'

/**
 * What comes of `attempt`; `undefined` when the time to wait is over before that. Rejects with the signal's reason when that aborts. In both cases `stop` is called, and what the attempt still
 * brings is its own affair.
 */
export function unlessGivenUp<Result>(
  { waitMs, signal }: Pick<GrantRequest, 'waitMs' | 'signal'>,
  clock: Clock,
  attempt: Promise<Result>,
  stop: () => void,
): Promise<Result | undefined> {
  return new Promise((resolve, reject) => {
    const limited = waitMs > 0 && waitMs !== Number.POSITIVE_INFINITY
    const settle = (): void => {
      timer?.[Symbol.dispose]()
      signal?.removeEventListener('abort', onAbort)
    }
    const onAbort = (): void => {
      settle()
      stop()
      reject(signal?.reason as Error)
    }
    const onTime = (): void => {
      settle()
      stop()
      resolve(undefined)
    }
    const timer = limited ? clock.after(waitMs, onTime) : undefined
    signal?.addEventListener('abort', onAbort, { once: true })
    attempt.finally(settle).then(resolve, reject)
    if (signal?.aborted === true) onAbort()
  })
}
