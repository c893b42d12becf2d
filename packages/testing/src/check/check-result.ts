import type { SessionViolation } from './session-violation.ts'
import type { Witness } from './witness.ts'

/**
 * How far to look.
 * @category Checkers
 */
export interface CheckOptions {
  /** Most calls of the model, 1 to 10^12, for all objects together; explaining a conviction may take as many again. Default 10,000,000: a few seconds. */
  readonly budget?: number
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
  /** Why it is illegal. */
  readonly witness?: Witness
  /** Why it is illegal, of session guarantees: every operation that breaks one. */
  readonly violations?: readonly SessionViolation[]
}
