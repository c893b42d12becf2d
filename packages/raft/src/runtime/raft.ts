/// <reference lib="esnext.disposable" preserve="true" />
import type { NodeId } from '@colony/host'
import type { LogIndex, Term } from '../core/entry.ts'
import type { RaftError } from '../errors.ts'
import type { Applied } from './applied.ts'
import type { ReadConsistency } from './consistency.ts'
import type { AnyMachine, CommandOf, ResultOf } from './machine.ts'
import type { SnapshotTaken } from './snapshots/snapshots.ts'
import type { MemberRole, Members, RaftMembers } from './members.ts'
import type { RaftMetrics } from './metrics.ts'
import type { RaftSession, SessionStartOptions } from './session.ts'

/**
 * What a node is just now (Raft section 5.1). A `pre-candidate` asks whether it could win before it disturbs anyone (thesis 9.6).
 * @category Node
 */
export type Role = 'follower' | 'pre-candidate' | 'candidate' | 'leader'

/**
 * How to make one proposal.
 * @category Node
 */
export interface ProposeOptions {
  /** Gives up waiting: the promise rejects with the signal's reason. The command may still be applied. */
  readonly signal?: AbortSignal
  /** Longest wait in milliseconds, 1 to 2^31 - 1. Default: the node's `proposalTimeoutMs`. */
  readonly timeoutMs?: number
  /**
   * Makes retries safe: of all proposals with one key, the first to be committed is applied and the others get its result.
   * 1 to 255 bytes of UTF-8, unique to the intended effect (`order-17`). With a key, the node retries on its own across
   * changes of leader. Remembered are the last 131,072 keys, of those the last 64 MiB with their results, and of those the keys of the last hour of log time
   * ({@link SessionOptions}); a key that was forgotten is new again. A session never takes a retry for something new.
   */
  readonly idempotencyKey?: string
}

export type { Applied, ReadConsistency }

/**
 * How to make one read.
 * @category Node
 */
export interface ReadOptions {
  /** What the read promises. Default `linearizable`. */
  readonly consistency?: ReadConsistency
  /** With `bounded`, and only there: how old the answer may be, in milliseconds, 1 to 2^31 - 1. */
  readonly maxStalenessMs?: number
  /**
   * Waits until this node has applied this index, whatever the level: with the `index` of a proposal, or of an earlier read elsewhere, the answer
   * contains what that one saw (read your writes, monotonic reads). 0 to 2^53 - 1. Default 0: nothing to wait for.
   */
  readonly after?: LogIndex
  /** Gives up waiting: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal
  /** Longest wait in milliseconds, 1 to 2^31 - 1. Default: the node's `proposalTimeoutMs`. */
  readonly timeoutMs?: number
}

/**
 * An answer, and how fresh it is.
 * @category Node
 */
export interface ReadResult<Value> {
  /** What the query returned. */
  readonly value: Value
  /** Last log index whose effect the query saw. */
  readonly index: LogIndex
  /**
   * Upper bound on the answer's age in milliseconds: it contains every write that completed anywhere more than this long before.
   * 0 for `linearizable` and `lease`, and where the leader was asked. `Infinity` when this node has not heard from a proven leader since it started.
   * Measured on monotonic clocks over a round trip, so it holds without synchronised clocks.
   */
  readonly staleMs: number
}

/**
 * A node's own view of itself.
 * @category Node
 */
export interface RaftStatus {
  /** This node. */
  readonly id: NodeId
  /** What it is just now. */
  readonly role: Role
  /** Whether it is a member, and which kind. */
  readonly membership: MemberRole
  /** Its current term. */
  readonly term: Term
  /** Whom it takes for the leader of that term, if anyone. */
  readonly leader: NodeId | undefined
  /** Last entry in its log. */
  readonly lastIndex: LogIndex
  /** Last entry that it knows to be committed. */
  readonly commitIndex: LogIndex
  /** Last entry that its machine has applied. */
  readonly appliedIndex: LogIndex
  /** The voting members; while they change, those that are coming. */
  readonly voters: readonly NodeId[]
  /** Proposals, reads and changes of members made on this node that are not settled yet. */
  readonly pending: number
}

/**
 * How to hand leadership over.
 * @category Node
 */
export interface TransferOptions {
  /** Gives up waiting: the promise rejects with the signal's reason. Leadership may still be handed over. */
  readonly signal?: AbortSignal
  /** Longest wait in milliseconds, 1 to 2^31 - 1. Default: the node's `proposalTimeoutMs`. The leader itself gives up after an election timeout. */
  readonly timeoutMs?: number
}

/**
 * Where leadership went.
 * @category Node
 */
export interface NewLeader {
  /** Who leads now. */
  readonly leader: NodeId
  /** In which term. */
  readonly term: Term
}

/**
 * What a node tells its listeners. Each event's payload is one read-only object.
 * @category Node
 */
export interface RaftEvents {
  /** The node's role or term changed. */
  role: {
    /** What it is now. */
    readonly role: Role
    /** Its current term. */
    readonly term: Term
  }
  /** The node learned who leads, or that it no longer knows. */
  leader: {
    /** Who leads, if known. */
    readonly leader: NodeId | undefined
    /** The term in which it does. */
    readonly term: Term
  }
  /** The group decided on a membership: the next step of a change, or its end. */
  members: {
    /** Who takes part. */
    readonly members: Members
  }
  /** The group decided that this node is a member no more, and the node heard of it. It goes on answering local reads until it is closed. */
  removed: {
    /** Where in the log that was decided. */
    readonly index: LogIndex
  }
  /** The node stopped for good because of this error (its disk failed, its machine threw, an invariant broke). */
  stopped: {
    /** Why. */
    readonly error: RaftError
  }
}

/**
 * One member of a replicated state machine. Made by {@link createRaft}.
 *
 * Every method may be called on any node: what only the leader can do is forwarded to it.
 * @category Node
 */
export interface Raft<Machine extends AnyMachine> extends AsyncDisposable {
  /** This node's id. */
  readonly id: NodeId

  /** Who takes part in the group, and how to change that while it works. */
  readonly members: RaftMembers

  /**
   * Proposes a command and resolves once it is committed by a quorum and applied.
   * @throws A {@link RaftError} whose `outcome` is `rejected` (not appended, will never be applied) or `unknown` (may still be applied).
   */
  propose(command: CommandOf<Machine>, options?: ProposeOptions): Promise<Applied<ResultOf<Machine>>>

  /**
   * Opens a session, in which every command is applied at most once, or goes on with one that was opened elsewhere. The first session of a group needs all members up at
   * once, of a version that knows sessions; no later one does.
   * @throws A {@link RaftError}: `RAFT_NOT_UPGRADED` when not all members have said in time that they know sessions; what `propose` throws.
   */
  session(options?: SessionStartOptions): Promise<RaftSession<Machine>>

  /**
   * Runs a synchronous query against this node's machine. By default linearizable, on any node.
   * What `query` throws is passed on. `query` must not change the machine.
   * @throws A {@link RaftError}, with code `RAFT_READ_TIMEOUT` when no leader with a quorum confirmed the read in time, or `after` was not applied;
   *   `RAFT_TOO_STALE` when a `bounded` read found nothing fresh enough; `RAFT_NO_LEASES` for `lease` without `maxClockDrift`;
   *   `RAFT_OVERLOADED` when too many reads wait; `RAFT_INVALID_OPTION`.
   */
  read<Value>(query: (machine: Machine) => Value, options?: ReadOptions): Promise<ReadResult<Value>>

  /**
   * Hands leadership over to `to`, or without it to the voter that can take over soonest, and resolves when this node knows the new leader. At once, if `to` leads already.
   * The leader takes no proposals while its successor catches up; they wait. After an election timeout without success it goes on as before.
   * @throws A {@link RaftError}: `RAFT_TRANSFER_REFUSED` when `to` does not vote; `RAFT_TRANSFER_FAILED`, which is retryable, when nobody took over in time,
   *   another node was elected, there is no leader or no fit successor, or another transfer is under way.
   */
  transferLeadership(to?: NodeId, options?: TransferOptions): Promise<NewLeader>

  /**
   * Calls `callback` whenever this node has begun to lead, which it has when it committed something in its term, and now if it leads already. `signal` aborts when
   * that leadership ends: when the node steps down, begins to hand over, stops or is closed. Should a transfer fail, the callback is called again for the same term.
   * A promise that it returns is awaited before it is called the next time; what it throws goes to the observer (`raft.listener-failed`).
   *
   * The signal comes as soon as the node knows, which may be after another one leads: a process that was stalled knows nothing. What must not be done twice
   * carries the `term` and is refused where a higher one was seen. Dispose of the result to be called no more; that aborts the signal too.
   */
  onLeadership(callback: (term: Term, signal: AbortSignal) => void | Promise<void>): Disposable

  /**
   * The node's status now and after every change, as an endless sequence that keeps nothing: a reader that is slow sees the latest status and none of those between.
   * Ends when the node closes or stops, or `signal` aborts.
   */
  watch(options?: { readonly signal?: AbortSignal }): AsyncIterable<RaftStatus>

  /** This node's view of itself, at no cost. */
  status(): RaftStatus

  /**
   * Makes a snapshot of what this node has applied now, and cuts the log behind it; resolves once it is durable. They are also made without being asked for,
   * see {@link RaftOptions.snapshots}.
   * @throws A {@link RaftError}: `RAFT_SNAPSHOT_UNSUPPORTED` when the machine or the storage has no snapshots, `RAFT_SNAPSHOT_FAILED` when the machine
   *   threw or the storage refused; the snapshot before and the log are as they were then.
   */
  snapshot(): Promise<SnapshotTaken>

  /**
   * A backup of what this node has applied: state, membership, keys and sessions, with checksums, as a stream of bytes to be kept anywhere. It makes a snapshot first (see {@link Raft.snapshot}), reads it as fast as it
   * is asked for, and goes on working meanwhile. For a state that holds all that was done before, read linearizably first. `restoreBackupFiles` of `@colony/raft/node` founds a new cluster from it.
   * @throws A {@link RaftError}, when the first piece is asked for: what {@link Raft.snapshot} throws; later what reading the storage rejects with.
   */
  backup(): AsyncIterable<Uint8Array>

  /** What this node has counted since it started, as one new object: for a metrics exporter that asks every few seconds. Works on a closed node too. */
  metrics(): RaftMetrics

  /** Calls `listener` at every event of one kind until the result is disposed of or `signal` aborts. Listeners are isolated from each other. */
  on<Name extends keyof RaftEvents>(
    name: Name,
    listener: (event: RaftEvents[Name]) => void,
    options?: { readonly signal?: AbortSignal },
  ): Disposable

  /**
   * Stops this node: settles every pending call (`RAFT_CLOSED`), waits for the write in flight, closes the storage and leaves the host.
   * Idempotent. Everything acknowledged is already durable, so killing the process loses nothing that closing would save.
   * With `handOver` a leader hands over first, for two election timeouts at most, so that the others need not find out that it is gone; it closes whatever comes of that.
   */
  close(options?: { readonly handOver?: boolean }): Promise<void>
}
