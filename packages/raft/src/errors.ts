import { ColonyError, type ColonyErrorOptions, type NodeId } from '@colony/host'

/**
 * Every code that `@colony/raft` raises. `docs/guides/errors.md` has one heading for each.
 * @category Errors
 */
export type RaftErrorCode =
  | 'RAFT_INVALID_OPTION'
  | 'RAFT_CLOSED'
  | 'RAFT_STOPPED'
  | 'RAFT_NO_LEADER'
  | 'RAFT_OVERLOADED'
  | 'RAFT_COMMAND_TOO_LARGE'
  | 'RAFT_COMMAND_NOT_ENCODABLE'
  | 'RAFT_KEY_REUSED'
  | 'RAFT_SESSION_EXPIRED'
  | 'RAFT_RESULT_FORGOTTEN'
  | 'RAFT_NOT_UPGRADED'
  | 'RAFT_OUTCOME_UNKNOWN'
  | 'RAFT_RESULT_NOT_ENCODABLE'
  | 'RAFT_READ_TIMEOUT'
  | 'RAFT_TOO_STALE'
  | 'RAFT_NO_LEASES'
  | 'RAFT_MEMBERS_REFUSED'
  | 'RAFT_MEMBERS_REPLACED'
  | 'RAFT_MEMBERS_TIMEOUT'
  | 'RAFT_TRANSFER_REFUSED'
  | 'RAFT_TRANSFER_FAILED'
  | 'RAFT_LEADERSHIP_ENDED'
  | 'RAFT_MACHINE_FAILED'
  | 'RAFT_SNAPSHOT_FAILED'
  | 'RAFT_SNAPSHOT_UNSUPPORTED'
  | 'RAFT_INVARIANT_BROKEN'
  | 'RAFT_STORAGE_LOCKED'
  | 'RAFT_STORAGE_FOREIGN'
  | 'RAFT_STORAGE_DAMAGED'
  | 'RAFT_STORAGE_FULL'
  | 'RAFT_STORAGE_FAILED'
  | 'RAFT_RECOVERY_REFUSED'

/**
 * What is known about a proposal that did not return a result. `rejected`: it was not and will never be applied, so proposing it
 * again is safe. `unknown`: it may have been applied, or may yet be; propose it again only under the same idempotency key.
 * `applied`: it was applied, only its result could not be delivered.
 * @category Errors
 */
export type ProposalOutcome = 'rejected' | 'unknown' | 'applied'

/**
 * What a {@link RaftError} may carry besides its code and message.
 * @category Errors
 */
export interface RaftErrorOptions extends ColonyErrorOptions {
  /** What became of the proposal that failed. */
  readonly outcome?: ProposalOutcome
  /** Who is believed to lead. */
  readonly leader?: NodeId
}

/**
 * Raised by every part of `@colony/raft`.
 * @category Errors
 */
export class RaftError extends ColonyError<RaftErrorCode> {
  /** What became of the proposal; absent on errors that no proposal caused. */
  readonly outcome?: ProposalOutcome
  /** Who is believed to lead, when that is known and helps. */
  readonly leader?: NodeId

  /** Makes an error with a documented code. */
  constructor(code: RaftErrorCode, message: string, options: RaftErrorOptions = {}) {
    super(code, message, options)
    if (options.outcome !== undefined) this.outcome = options.outcome
    if (options.leader !== undefined) this.leader = options.leader
  }
}
