import type { LogIndex } from '../core/entry.ts'

/**
 * What a machine may know about the command it applies. The same on every node.
 * @category State machine
 */
export interface ApplyContext {
  /** Index of the command in the log. */
  readonly index: LogIndex
}

/**
 * The user's replicated state: every node applies the same commands in the same order.
 *
 * `apply` must be synchronous and deterministic: the same commands give the same state and the same results on every node and after
 * every restart, so it reads no clock, no randomness and nothing outside. Whatever takes time happens after the proposal returned.
 * An expected failure (no such account) is a result, not an exception: a machine that throws stops its node, since nobody can know
 * whether the half-done change is the same everywhere.
 * @category State machine
 */
export interface StateMachine<Command, Result> {
  /** Applies one command and returns its result. */
  apply(command: Command, context: ApplyContext): Result
}

/**
 * Any state machine, whatever its commands and results.
 * @category State machine
 */
export type AnyMachine = StateMachine<never, unknown>

/**
 * The commands that a machine applies.
 * @category State machine
 */
export type CommandOf<Machine extends AnyMachine> = Parameters<Machine['apply']>[0]

/**
 * The results that a machine returns.
 * @category State machine
 */
export type ResultOf<Machine extends AnyMachine> = ReturnType<Machine['apply']>
