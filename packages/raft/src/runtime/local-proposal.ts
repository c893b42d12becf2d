import type { Codec } from '@colony/host'
import type { LogIndex } from '../core/entry.ts'
import { RaftError, type ProposalOutcome } from '../errors.ts'
import type { ApplyOutcome } from './applier.ts'
import type { EntryWaiter } from './awaited-entries.ts'
import { hasNoResult } from './command-entry.ts'
import type { Applied } from './raft.ts'

/** How a proposal ends for whoever made it. */
export interface ProposalCaller<Result> {
  readonly resolve: (applied: Applied<Result>) => void
  readonly reject: (reason: unknown) => void
  /** Ends it early. */
  readonly signal: AbortSignal | undefined
}

/**
 * One call of `propose` on this node, from start to one outcome.
 *
 * - `waiting`: it stands in no log that we know of; it goes to the leader when there is one.
 * - `appended`: this node put it into its own log.
 * - `forwarded`: it was sent to another node, which may have put it into its log.
 */
export class LocalProposal<Result> implements EntryWaiter<Result> {
  /** The entry's data. */
  readonly data: Uint8Array
  /** Whether a copy of it would be recognised, so that it may be tried again although an earlier try may have succeeded. */
  readonly keyed: boolean
  /** When to give up, on the clock of the host. */
  readonly deadline: number
  place: 'waiting' | 'appended' | 'forwarded' | 'settled' = 'waiting'
  /** Term in which it was appended or forwarded. */
  term = 0
  /** Number under which it was forwarded. */
  request = 0
  /** When it is forwarded again, unless it is answered, and how long to wait from then on. */
  resendAt = 0
  resendAfterMs = 0
  /** An earlier try may have been or may yet be applied. */
  maybeApplied = false
  /** Its neighbours among its owner's proposals. */
  previous: LocalProposal<Result> | undefined = undefined
  next: LocalProposal<Result> | undefined = undefined
  readonly #caller: ProposalCaller<Result>
  readonly #owner: ProposalOwner<Result>
  readonly #onAbort: (() => void) | undefined

  constructor(
    data: Uint8Array,
    keyed: boolean,
    deadline: number,
    caller: ProposalCaller<Result>,
    owner: ProposalOwner<Result>,
  ) {
    this.data = data
    this.keyed = keyed
    this.deadline = deadline
    this.#caller = caller
    this.#owner = owner
    const { signal } = caller
    if (signal === undefined) return
    this.#onAbort = () => this.reject(signal.reason)
    signal.addEventListener('abort', this.#onAbort)
  }

  applied(index: LogIndex, outcome: ApplyOutcome<Result>): void {
    switch (outcome.status) {
      case 'applied':
        if (this.#settle('applied')) this.#caller.resolve({ value: outcome.value, index: outcome.index })
        return
      case 'repeated':
        this.appliedRemotely(outcome.index, outcome.encoded, this.#owner.resultCodec)
        return
      case 'key-reused':
      case 'not-encodable':
      case 'session-expired':
      case 'result-forgotten':
        this.fail(outcome.status, index)
        return
      case 'skipped':
        // Only commands are proposed and only commands are awaited.
        return
    }
  }

  superseded(): void {
    if (this.place !== 'appended') return
    this.place = 'waiting'
    this.#owner.requeue(this)
  }

  lost(): void {
    if (this.place !== 'appended') return
    if (!this.keyed) {
      const message =
        'a snapshot from the leader took the place of the entry; the command may have been applied. Propose with an idempotencyKey to have it retried safely'
      return this.reject(new RaftError('RAFT_OUTCOME_UNKNOWN', message, { outcome: 'unknown' }))
    }
    this.maybeApplied = true
    this.place = 'waiting'
    this.#owner.requeue(this)
  }

  /** Applied elsewhere; `encoded` is its result. */
  appliedRemotely(index: LogIndex, encoded: Uint8Array, codec: Codec<Result>): void {
    if (this.place === 'settled') return
    let value: Result
    try {
      value = hasNoResult(this.data) ? (undefined as Result) : codec.decode(encoded)
    } catch {
      this.fail('not-encodable', index)
      return
    }
    if (this.#settle('applied')) this.#caller.resolve({ value, index })
  }

  /** Ends it with the error for a known outcome. */
  fail(
    why: 'key-reused' | 'not-encodable' | 'overloaded' | 'too-large' | 'session-expired' | 'result-forgotten',
    index: LogIndex,
  ): void {
    switch (why) {
      case 'session-expired':
        return this.reject(
          new RaftError(
            'RAFT_SESSION_EXPIRED',
            'the session was closed, went unused for too long, or had to make room; the command was not applied now. Open a new one',
            { outcome: this.maybeApplied ? 'unknown' : 'rejected' },
          ),
        )
      case 'result-forgotten':
        return this.reject(
          new RaftError(
            'RAFT_RESULT_FORGOTTEN',
            'the result of this number was acknowledged and forgotten; the command was not applied now',
            { outcome: 'unknown' },
          ),
        )
      case 'too-large':
        return this.reject(
          new RaftError(
            'RAFT_COMMAND_TOO_LARGE',
            'the leader allows smaller commands than this node; give all members the same maxCommandBytes and storage limits',
            { outcome: this.maybeApplied ? 'unknown' : 'rejected' },
          ),
        )
      case 'key-reused':
        return this.reject(
          new RaftError(
            'RAFT_KEY_REUSED',
            'this idempotency key was used before with a different command; use one key for one intended effect',
            { outcome: 'rejected' },
          ),
        )
      case 'not-encodable':
        return this.reject(
          new RaftError(
            'RAFT_RESULT_NOT_ENCODABLE',
            `the command was applied at index ${index}, but its result can't be encoded; give createRaft a resultCodec that can`,
            { outcome: 'applied' },
          ),
        )
      case 'overloaded':
        return this.reject(
          new RaftError('RAFT_OVERLOADED', 'the leader has too many proposals pending; try again later', {
            outcome: this.maybeApplied ? 'unknown' : 'rejected',
            retryable: true,
          }),
        )
    }
  }

  /** What can be said about it if it ends now. */
  get outcomeIfAbandoned(): ProposalOutcome {
    return this.place === 'waiting' && !this.maybeApplied ? 'rejected' : 'unknown'
  }

  /** Ends it with an error. */
  reject(reason: unknown): void {
    // A signal's reason is the caller's own and says nothing of the command.
    const known = reason instanceof RaftError ? reason.outcome : undefined
    if (this.#settle(known ?? this.outcomeIfAbandoned)) this.#caller.reject(reason)
  }

  #settle(outcome: ProposalOutcome): boolean {
    if (this.place === 'settled') return false
    this.place = 'settled'
    if (this.#onAbort !== undefined) this.#caller.signal?.removeEventListener('abort', this.#onAbort)
    this.#owner.settled(this, outcome)
    return true
  }
}

/** Who keeps the proposals. */
export interface ProposalOwner<Result> {
  /** Reads results that come as bytes. */
  readonly resultCodec: Codec<Result>
  /** It has its outcome. */
  settled(proposal: LocalProposal<Result>, outcome: ProposalOutcome): void
  /** It stands nowhere any more and has to be tried again. */
  requeue(proposal: LocalProposal<Result>): void
}
