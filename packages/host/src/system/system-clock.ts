/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock } from '../clock.ts'

/** What `setTimeout` takes at most (24.8 days); anything above it fires at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1

/** As much of a `MessagePort` as is needed here, so that no declaration of ours asks for the types of a browser. */
export interface Port {
  onmessage: ((event: never) => unknown) | null
  postMessage(message: undefined): void
}

/** As much of a `MessageChannel`. */
export interface Channel {
  readonly port1: Port
  readonly port2: Port
}

/** The ways to wait for input, best first; which of them exist depends on the platform. */
export interface InputPlatform {
  /** Runs after the poll phase of an event loop like Node's. */
  readonly setImmediate?: (task: () => void) => unknown
  /** A message to oneself is queued behind the events that have arrived. */
  readonly MessageChannel?: new () => Channel
}

/** Makes `afterInput` of what a platform has. */
export function createAfterInput(platform: InputPlatform): (task: () => void) => void {
  let post: ((task: () => void) => void) | undefined
  return (task) => {
    // Looked up at every call: test tools replace the global for a while.
    if (platform.setImmediate !== undefined) platform.setImmediate(task)
    else if (platform.MessageChannel !== undefined) (post ??= viaMessages(platform.MessageChannel))(task)
    else setTimeout(task, 0)
  }
}

/** One channel for all tasks: unlike a timer, a message is neither throttled nor held back by 4 ms after some nesting. */
function viaMessages(MessageChannel: new () => Channel): (task: () => void) => void {
  const { port1, port2 } = new MessageChannel()
  const tasks: (() => void)[] = []
  port1.onmessage = () => tasks.shift()?.()
  return (task) => {
    tasks.push(task)
    port2.postMessage(undefined)
  }
}

/**
 * The platform's own clock: `performance.now`, `setTimeout`, and for `afterInput` `setImmediate` or the nearest thing that there is.
 * @category Real ones
 */
export const systemClock: Clock = {
  now: () => performance.now(),

  after(delayMs, task) {
    const due = performance.now() + delayMs
    let timer: ReturnType<typeof setTimeout>
    const arm = (leftMs: number): void => {
      timer = setTimeout(fire, Math.min(Math.ceil(leftMs), MAX_TIMEOUT_MS))
    }
    const fire = (): void => {
      // Platforms fire up to a millisecond early, and long delays are waited for in parts.
      const left = due - performance.now()
      if (left > 0) arm(left)
      else task()
    }
    arm(delayMs)
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },

  afterInput: /* @__PURE__ */ createAfterInput(globalThis as unknown as InputPlatform),
}
