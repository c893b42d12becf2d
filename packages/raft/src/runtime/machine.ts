import type { LogIndex, Term } from '../core/entry.ts'

/**
 * What a machine may know about the command it applies. The same on every node.
 * @category State machine
 */
export interface ApplyContext {
  /** Index of the command in the log. */
  readonly index: LogIndex
  /** Term of the leader that put it there. */
  readonly term: Term
  /**
   * Log time: whole milliseconds since the group began to count, which never go back. Leaders write it into the log, by their monotonic clocks and in steps of 100, so that it is
   * the same on every node and at every restart; it has nothing to do with the time of day, and stands still while the group has no leader or nothing to do. It is
   * counted when something needs it, see {@link StateMachine.usesTime}; 0 before.
   */
  readonly time: number
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
  /**
   * Set it on a machine that reads {@link ApplyContext.time}: the group then counts log time as soon as all members are up, and not only when idempotency keys or
   * sessions need it. Default false.
   */
  readonly usesTime?: boolean

  /** Applies one command and returns its result. */
  apply(command: Command, context: ApplyContext): Result

  /**
   * The whole state as bytes, in chunks of any size: what {@link StateMachine.restore} makes the same state from. With it the log is cut now and then, and nodes
   * that are far behind catch up; without it the log grows for ever. Comes together with `restore`.
   *
   * Called between two commands, and its first chunk is asked for at once; the others follow while commands go on being applied. What it yields must be
   * the state of that moment all the same: take what will change before the first `yield`, as by copying a map of values that are replaced but never
   * changed. What it throws gives this snapshot up, and the next one is tried later.
   */
  snapshot?(): Iterable<Uint8Array> | AsyncIterable<Uint8Array>

  /**
   * Takes over the state that another machine, or this one in an earlier life, gave as {@link StateMachine.snapshot}, in place of whatever it has. The bytes are
   * the same and in the same order, but the chunks may be others. No command is applied and no read is run before it is done. What it throws stops the node.
   */
  restore?(chunks: AsyncIterable<Uint8Array>): void | Promise<void>
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
