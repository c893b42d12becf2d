/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock } from './clock.ts'

/**
 * Calls `task` after `delayMs`, and only after what had arrived by then was read: a process that was stalled must not take its own silence for
 * the others'. Dispose of the result to cancel.
 */
export function inputDeadline(clock: Clock, delayMs: number, task: () => void): Disposable {
  let disposed = false
  const timer = clock.after(delayMs, () => {
    clock.afterInput(() => {
      if (!disposed) task()
    })
  })
  return {
    [Symbol.dispose]: () => {
      disposed = true
      timer[Symbol.dispose]()
    },
  }
}
