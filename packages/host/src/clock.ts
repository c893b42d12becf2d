/// <reference lib="esnext.disposable" preserve="true" />

/**
 * A source of time that a simulation can own. Monotonic: nothing in colony reads the time of day for a decision.
 * @category Seams
 */
export interface Clock {
  /** Milliseconds since an arbitrary origin, fractions allowed; never goes backwards. */
  now(): number

  /**
   * Calls `task` once, `delayMs` milliseconds from now or a little later. Dispose of the result to cancel.
   * `task` must not throw.
   */
  after(delayMs: number, task: () => void): Disposable

  /**
   * Calls `task` once, as soon as the input that has already arrived at this process was delivered to its receivers.
   *
   * A process that was stalled finds both an expired timer and unread messages when it wakes. What a timer means to do
   * about silence (start an election, suspect a peer) must therefore wait for one reading of the inbox: from inside the
   * timer's task, call this first. On Node it is `setImmediate`, which runs after the poll phase has read the sockets.
   */
  afterInput(task: () => void): void
}
