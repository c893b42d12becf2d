import { requireInteger } from '@colony/host'
import type { LogIndex } from '../core/entry.ts'
import type { Applied } from './applied.ts'
import { encodeCloseSession, encodeSessionEntry } from './command-entry.ts'
import type { AnyMachine, CommandOf, ResultOf } from './machine.ts'
import { invalidProposal } from './options.ts'

/**
 * How to get a session.
 * @category Node
 */
export interface SessionStartOptions {
  /** Goes on with the session of this id, which any node opened: without asking anyone whether it is still there. Default: opens a new one. */
  readonly id?: LogIndex
  /** Gives up waiting: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal
  /** Longest wait in milliseconds, 1 to 2^31 - 1. Default: the node's `proposalTimeoutMs`. */
  readonly timeoutMs?: number
}

/**
 * How to propose one command of a session.
 * @category Node
 */
export interface SessionProposeOptions {
  /**
   * Number of the command, 1 to 2^53 - 1: of all proposals with one number of a session, on whatever node, the first to be committed is applied and the others get
   * its result. Give it to be able to make the same call again. Required on a session that was given by its id, and on all commands of a session or on none. Default: the next one.
   */
  readonly number?: number
  /** With `number`: results of lower numbers than this will never be asked for again, so that they can be forgotten. Default: nothing is forgotten before the session. */
  readonly oldest?: number
  /** Gives up waiting: the promise rejects with the signal's reason. The command may still be applied. */
  readonly signal?: AbortSignal
  /** Longest wait in milliseconds, 1 to 2^31 - 1. Default: the node's `proposalTimeoutMs`. */
  readonly timeoutMs?: number
}

/**
 * A client of the group that the group itself remembers (thesis 6.3): each of its commands is applied at most once, and exactly once if the proposal succeeds, however often and
 * wherever it is made. It lasts as long as it is used, see {@link SessionOptions}, and belongs to no node. Made by `raft.session()`.
 * @category Node
 */
export interface RaftSession<Machine extends AnyMachine> {
  /** Names the session on every node: where in the log it was opened. */
  readonly id: LogIndex

  /**
   * Proposes a command as one of this session, and tries again by itself across changes of leader until it knows what became of it.
   * @throws A {@link RaftError}: `RAFT_SESSION_EXPIRED` when the session is gone, `RAFT_RESULT_FORGOTTEN` for a number whose result was acknowledged: in both cases
   *   the command was not applied now. Otherwise what `raft.propose` throws.
   */
  propose(command: CommandOf<Machine>, options?: SessionProposeOptions): Promise<Applied<ResultOf<Machine>>>

  /** Ends the session: the group forgets its results, and takes no command of it any more. Of a session that is gone: does nothing. */
  close(options?: { readonly signal?: AbortSignal; readonly timeoutMs?: number }): Promise<void>
}

/** How a proposal of a session is made. */
export interface SessionSubmit {
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
  /** An earlier call may have had the same command applied. */
  readonly mayRepeat?: boolean
}

/** What a session needs of its node. */
export interface SessionParts<Machine extends AnyMachine> {
  encode(command: CommandOf<Machine>): Uint8Array
  /** Proposes the data of an entry that is recognised when it comes again. */
  submit(data: Uint8Array, options: SessionSubmit): Promise<Applied<ResultOf<Machine>>>
}

const MAX_NUMBER = Number.MAX_SAFE_INTEGER

/** A session as one node uses it. */
export class Session<Machine extends AnyMachine> implements RaftSession<Machine> {
  readonly id: LogIndex
  readonly #parts: SessionParts<Machine>
  /** Whether this object counts: it opened the session, and nobody has given it a number. */
  #counts: boolean
  #last = 0
  /** Numbers that were counted here and have no outcome yet, in their order. */
  readonly #unsettled = new Set<number>()

  constructor(id: LogIndex, isNew: boolean, parts: SessionParts<Machine>) {
    this.id = id
    this.#counts = isNew
    this.#parts = parts
  }

  async propose(
    command: CommandOf<Machine>,
    options: SessionProposeOptions = {},
  ): Promise<Applied<ResultOf<Machine>>> {
    const { number, oldest = 0 } = options
    if (number === undefined) return await this.#proposeNext(command, options)
    if (this.#last > 0)
      throw invalidProposal('number must be given for all commands of a session or for none')
    requireInteger(invalidProposal, 'number', number, 1, MAX_NUMBER)
    requireInteger(invalidProposal, 'oldest', oldest, 0, number)
    this.#counts = false
    const data = encodeSessionEntry(this.#parts.encode(command), { session: this.id, number, oldest })
    return await this.#parts.submit(data, { ...options, mayRepeat: true })
  }

  async close(options: { readonly signal?: AbortSignal; readonly timeoutMs?: number } = {}): Promise<void> {
    await this.#parts.submit(encodeCloseSession(this.id), options)
  }

  /** Nobody but this call knows the number, so its result is of no use to anybody once the call has ended. */
  async #proposeNext(
    command: CommandOf<Machine>,
    options: SessionProposeOptions,
  ): Promise<Applied<ResultOf<Machine>>> {
    if (!this.#counts) {
      throw invalidProposal('number is required on a session that was given by its id, or once it was given')
    }
    const encoded = this.#parts.encode(command)
    const number = ++this.#last
    this.#unsettled.add(number)
    try {
      const [oldest = number] = this.#unsettled
      const data = encodeSessionEntry(encoded, { session: this.id, number, oldest })
      return await this.#parts.submit(data, options)
    } finally {
      this.#unsettled.delete(number)
    }
  }
}
