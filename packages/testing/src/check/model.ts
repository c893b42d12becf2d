import type { Operation } from '../history/operation.ts'

/**
 * What an operation does to a state, and whether it can: the answer of {@link Model.step}.
 * @category Checkers
 */
export interface Step<State> {
  /** Whether the operation could happen in that state and come back with that result. */
  readonly legal: boolean
  /** The state after it. Return the same object when nothing changed: that is fast. */
  readonly state: State
}

/**
 * What an object is supposed to do when one client at a time uses it. Anything that can be written as such a function can be checked.
 *
 * ```ts
 * const counter: Model<number> = {
 *   init: () => 0,
 *   step: (state, { f, result, outcome }) =>
 *     f === 'inc'
 *       ? { legal: outcome !== 'ok' || result === state + 1, state: state + 1 }
 *       : { legal: result === state, state },
 *   isPure: ({ f }) => f === 'read',
 * }
 * ```
 * @category Checkers
 */
export interface Model<State> {
  /** The state before the first operation, of the object that {@link Model.partition} calls so; the empty text when there is only one. */
  init(key?: string): State
  /**
   * What `operation` does in `state`. Deterministic and free of effects; must not change `state`. With the outcome `unknown` there is no result to
   * agree with: any effect that the operation can have is legal. Called with `ok` and `unknown` operations only.
   */
  step(state: State, operation: Operation): Step<State>
  /** Splits a history into objects that do not know each other (P-compositionality), which are checked apart. Default: one object. */
  partition?(operation: Operation): string
  /**
   * Whether the operation, with its result, cannot change any state in which it is legal: a read, a failed compare-and-set. Such operations are
   * taken as soon as they are legal and never branched on. Default: none is. Saying yes wrongly makes verdicts wrong.
   */
  isPure?(operation: Operation): boolean
  /** A state as a key of a `Map`, equal for equal states. Default: {@link valueKey}, which takes the state as JSON. */
  stateKey?(state: State): unknown
  /** A state for people. Default: its JSON. */
  describe?(state: State): string
  /**
   * Why an operation is none that the object has: a verb that it does not know, arguments of the wrong form. Checkers refuse the history then. Default: every
   * operation is one.
   */
  problem?(operation: Operation): string | undefined
  /**
   * The operation as one of a register whose value is the whole state, where it is nothing more than that. Lets checkers use ways that are fast for
   * registers alone, and must agree with {@link Model.step}; `undefined` for an operation that is something else. Default: none is.
   */
  registerAccess?(operation: Operation): RegisterAccess | undefined
}

/**
 * The register was read.
 * @category Checkers
 */
export interface RegisterRead {
  /** Discriminant. */
  readonly kind: 'read'
  /** What came back. */
  readonly value: unknown
}

/**
 * The register was written, or perhaps was.
 * @category Checkers
 */
export interface RegisterWrite {
  /** Discriminant. */
  readonly kind: 'write'
  /** What was written. */
  readonly value: unknown
}

/**
 * A compare-and-set that took place, or has an unknown outcome.
 * @category Checkers
 */
export interface RegisterSwap {
  /** Discriminant. */
  readonly kind: 'swap'
  /** What was there. */
  readonly old: unknown
  /** What came. */
  readonly value: unknown
}

/**
 * A compare-and-set that did not take place.
 * @category Checkers
 */
export interface RegisterRefusal {
  /** Discriminant. */
  readonly kind: 'refused'
  /** What was not there. */
  readonly old: unknown
}

/**
 * What an operation does to a register.
 * @category Checkers
 */
export type RegisterAccess = RegisterRead | RegisterWrite | RegisterSwap | RegisterRefusal
