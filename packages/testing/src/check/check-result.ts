import type { SessionViolation } from './session-violation.ts'
import type { Witness } from './witness.ts'

/**
 * How far to look.
 * @category Checkers
 */
export interface CheckOptions {
  /** Most calls of the model, 1 to 10^12, for all objects together; explaining a conviction may take as many again. Default 10,000,000: a few seconds. */
  readonly budget?: number
  /**
   * An order in which the operations took effect, if anybody can tell: of a log, of version numbers. Positions in the history, each once. An operation of unknown outcome that is not in
   * it never took effect; one that changes nothing ({@link Model.isPure}) need not be in it, and is placed where it fits.
   *
   * It is a proposal. If it respects real time and the model allows every step of it, the history is linearizable, whoever proposed it, and that is found in one step an operation. If not, the
   * history is judged as without it: a wrong order costs time and never changes a verdict.
   *
   * Default: none.
   */
  readonly order?: readonly number[]
}

/** Calls of the model unless told otherwise. */
export const DEFAULT_BUDGET = 10_000_000

/**
 * What a check found. `ok`: there is an order. `illegal`: there is none, and `witness` or `violations` show why. `unknown`: the budget was used up before either
 * was proved; nothing is known then about the objects in `undecided`.
 * @category Checkers
 */
export interface CheckResult {
  /** The finding. */
  readonly verdict: 'ok' | 'illegal' | 'unknown'
  /** Operations that were looked at; failed ones are not. */
  readonly operations: number
  /** Objects that were told apart. */
  readonly objects: number
  /** Calls of the model. */
  readonly steps: number
  /** Objects that were not decided. */
  readonly undecided: readonly string[]
  /** Objects that the proposed order does not explain, so that they had to be searched; with {@link CheckOptions.order} only. */
  readonly unexplained?: readonly string[]
  /** Why it is illegal. */
  readonly witness?: Witness
  /** Why it is illegal, of session guarantees: every operation that breaks one. */
  readonly violations?: readonly SessionViolation[]
}
