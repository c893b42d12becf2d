/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock } from '@colony/host'
import type { GrantRequest } from '../backend.ts'

/** What happens to an attempt that nobody waits for any more. */
export interface GivenUp<Result> {
  /** It is to end. Called once. */
  readonly stop: () => void
  /** What it brought all the same: it had come to its end before it was told, and the answer was on its way. */
  readonly tooLate: (result: Result) => void
}

/**
 * What comes of `attempt`; `undefined` when the time to wait is over before that. Rejects with the signal's reason when that aborts.
 */
export function unlessGivenUp<Result>(
  { waitMs, signal }: Pick<GrantRequest, 'waitMs' | 'signal'>,
  clock: Clock,
  attempt: Promise<Result>,
  { stop, tooLate }: GivenUp<Result>,
): Promise<Result | undefined> {
  return new Promise((resolve, reject) => {
    let isGivenUp = false
    const limited = waitMs > 0 && waitMs !== Number.POSITIVE_INFINITY
    const settle = (): void => {
      timer?.[Symbol.dispose]()
      signal?.removeEventListener('abort', onAbort)
    }
    const giveUp = (): void => {
      settle()
      isGivenUp = true
      stop()
    }
    const onAbort = (): void => {
      giveUp()
      reject(signal?.reason as Error)
    }
    const onTime = (): void => {
      giveUp()
      resolve(undefined)
    }
    const timer = limited ? clock.after(waitMs, onTime) : undefined
    signal?.addEventListener('abort', onAbort, { once: true })
    attempt.finally(settle).then((result) => (isGivenUp ? tooLate(result) : resolve(result)), reject)
    if (signal?.aborted === true) onAbort()
  })
}
