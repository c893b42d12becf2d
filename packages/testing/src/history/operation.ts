/**
 * How an operation ended, as its client knows it. `ok`: it happened, and `result` is what came back. `fail`: it did not happen and never will.
 * `unknown`: it may have happened, may still happen, or never will (a timeout, a lost connection).
 * @category Histories
 */
export type Outcome = 'ok' | 'fail' | 'unknown'

/**
 * One operation of one client on one object: what it asked, what it got, and between which times it must have taken effect.
 * @category Histories
 */
export interface Operation {
  /** The client. Clients are sequential, except that after an `unknown` outcome they go on. */
  readonly process: number | string
  /** The verb: `read`, `write`, `cas`, … as the model names them. */
  readonly f: string
  /** Which of several objects; `undefined` when there is only one. */
  readonly key?: string
  /** The arguments. Plain data. */
  readonly value?: unknown
  /** What came back, with the outcome `ok`. Plain data. */
  readonly result?: unknown
  /** How it ended. */
  readonly outcome: Outcome
  /** When it was called. Any unit, any origin, one clock for the whole history. */
  readonly invokedAt: number
  /** When its outcome came, at least `invokedAt`; `Infinity` while it did not. Both ends belong to the interval: equal times are concurrent. */
  readonly completedAt: number
}
