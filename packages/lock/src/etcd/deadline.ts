/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock } from '@colony/host'
import { DEADLINE_EXCEEDED, EtcdError } from './etcd-client.ts'

/** Asks, and does not wait for the answer for longer than `timeoutMs`, whatever the client makes of the signal. */
export function withDeadline<Answer>(
  clock: Clock,
  timeoutMs: number,
  ask: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const aborter = new AbortController()
    const timer = clock.after(timeoutMs, () => {
      const error = new EtcdError(DEADLINE_EXCEEDED, `etcd has not answered within ${timeoutMs} ms`)
      reject(error)
      aborter.abort(error)
    })
    ask(aborter.signal)
      .finally(() => timer[Symbol.dispose]())
      .then(resolve, reject)
  })
}
