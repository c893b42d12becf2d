import type { ApplyContext } from '@colony/raft'
import { ReplicatedTable } from './replicated-table.ts'

/**
 * A command of the lock table: plain JSON, made by {@link raftBackend} and of no use to anybody else.
 * @category Raft
 */
export interface LockCommand {
  /** What is to be done. */
  readonly op: string
}

/**
 * What became of a {@link LockCommand}.
 * @category Raft
 */
export interface LockAnswer {
  /** What it came to. */
  readonly is: string
}

/**
 * The lock table as `@colony/raft` keeps it: who holds what and who waits for what, alike on every node.
 * @category Raft
 */
export interface LockStateMachine {
  /** As `StateMachine.apply` of `@colony/raft`. */
  apply(command: LockCommand, context: ApplyContext): LockAnswer
  /** As `StateMachine.snapshot`. */
  snapshot(): Iterable<Uint8Array>
  /** As `StateMachine.restore`. */
  restore(chunks: AsyncIterable<Uint8Array>): Promise<void>
}

/**
 * The state machine for `createRaft({ machine: lockTable(), … })`; give the node to {@link raftBackend}. With raft's default codecs.
 *
 * Sessions, leases, locks, queues, owners and values are in it, so a deadlock across processes is found by the entry that closes it, and every replica chooses the same
 * victim. It knows no time: that a lease is over is an entry, proposed by whoever leads.
 * @category Raft
 */
export function lockTable(): LockStateMachine {
  // Whatever stands in the log is a command: the table answers what it does not understand.
  return new ReplicatedTable() as unknown as LockStateMachine
}
