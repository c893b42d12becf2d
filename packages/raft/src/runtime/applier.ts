import type { Codec } from '@colony/host'
import type { Entry, LogIndex } from '../core/entry.ts'
import { RaftError } from '../errors.ts'
import {
  decodeCommandEntry,
  plainCommand,
  type ClockEntry,
  type CommandEntry,
  type KeyedEntry,
  type SessionEntry,
} from './command-entry.ts'
import type { AnyMachine, ApplyContext, CommandOf, ResultOf } from './machine.ts'
import { RememberedState, type Remembered } from './remembered.ts'
import type { RememberedResult } from './remembered-sessions.ts'

/**
 * What applying one entry gave. An `applied` command took effect at `index`, which is an earlier one for a repetition; `encoded` are the
 * bytes of its result where they were needed anyway.
 */
export type ApplyOutcome<Result> =
  | {
      readonly status: 'applied'
      readonly index: LogIndex
      readonly value: Result
      readonly encoded: Uint8Array | undefined
    }
  | { readonly status: 'repeated'; readonly index: LogIndex; readonly encoded: Uint8Array }
  | { readonly status: 'key-reused' }
  | { readonly status: 'not-encodable' }
  | { readonly status: 'session-expired' }
  | { readonly status: 'result-forgotten' }
  | { readonly status: 'skipped' }

const SKIPPED = { status: 'skipped' } as const
const NO_RESULT = new Uint8Array(0)

/**
 * Applies committed entries to the machine, each idempotency key and each number of a session once. Deterministic: the same log gives the same
 * machine, remembers the same and has the same outcomes on every node.
 */
export class Applier<Machine extends AnyMachine> {
  readonly #machine: Machine
  readonly #codec: Codec<CommandOf<Machine>>
  readonly #resultCodec: Codec<ResultOf<Machine>>
  readonly #state: RememberedState

  /** `state`: what is remembered beside the machine. */
  constructor(
    machine: Machine,
    codec: Codec<CommandOf<Machine>>,
    resultCodec: Codec<ResultOf<Machine>>,
    state: RememberedState = new RememberedState(),
  ) {
    this.#machine = machine
    this.#codec = codec
    this.#resultCodec = resultCodec
    this.#state = state
  }

  /**
   * Applies one entry.
   * @throws A {@link RaftError} with code `RAFT_MACHINE_FAILED` when the machine or its codec throws: this node can't go on.
   */
  apply(entry: Entry, index: LogIndex): ApplyOutcome<ResultOf<Machine>> {
    if (entry.kind !== 'command') return SKIPPED
    const context = { index, term: entry.term, time: this.#state.time }
    const plain = plainCommand(entry.data)
    if (plain !== undefined) {
      return { status: 'applied', index, value: this.#run(plain, context), encoded: undefined }
    }
    const decoded = decodeCommandEntry(entry.data)
    if (!decoded.ok) throw failed(`the entry at index ${index} can't be decoded`, decoded.error)
    return this.#applyDecoded(decoded.value, context)
  }

  /** The bytes of a result, or `undefined` when its codec refuses it or there are too many. */
  encodeResult(
    value: ResultOf<Machine>,
    maxBytes: number = Number.POSITIVE_INFINITY,
  ): Uint8Array | undefined {
    try {
      const bytes = this.#resultCodec.encode(value)
      return bytes.length <= maxBytes ? bytes : undefined
    } catch {
      // A value, not an exception: the command was applied, and the proposer is told just that.
      return undefined
    }
  }

  /** What is remembered at this moment: copies. */
  remembered(): Remembered {
    return this.#state.take()
  }

  /** Forgets everything, and remembers this instead: a snapshot took the place of all that was applied. */
  remember(remembered: Remembered): void {
    this.#state.replace(remembered)
  }

  #applyDecoded(entry: CommandEntry, context: ApplyContext): ApplyOutcome<ResultOf<Machine>> {
    const { index } = context
    switch (entry.kind) {
      case 'plain':
        return { status: 'applied', index, value: this.#run(entry.command, context), encoded: undefined }
      case 'keyed':
        return this.#applyKeyed(entry, context)
      case 'session':
        return this.#applyOfSession(entry, context)
      case 'clock':
        return this.#applyClock(entry)
      case 'open-session':
        this.#state.openSession(index)
        return nothing(index)
      case 'close-session':
        this.#state.sessions.close(entry.session)
        return nothing(index)
    }
  }

  #applyClock(entry: ClockEntry): ApplyOutcome<ResultOf<Machine>> {
    this.#state.setTime(entry)
    return SKIPPED
  }

  #applyKeyed(
    { key, fingerprint, command }: KeyedEntry,
    context: ApplyContext,
  ): ApplyOutcome<ResultOf<Machine>> {
    const known = this.#state.keys.get(key)
    if (known !== undefined) return repeat(known, fingerprint)
    const value = this.#run(command, context)
    const { index, time } = context
    const encoded = this.encodeResult(value)
    this.#state.rememberKey({ key, index, fingerprint, result: encoded, time })
    return encoded === undefined ? { status: 'not-encodable' } : { status: 'applied', index, value, encoded }
  }

  #applyOfSession(
    { session, number, oldest, fingerprint, command }: SessionEntry,
    context: ApplyContext,
  ): ApplyOutcome<ResultOf<Machine>> {
    const known = this.#state.sessions.use(session, number, oldest, context.time)
    if (known === 'expired') return { status: 'session-expired' }
    if (known === 'forgotten') return { status: 'result-forgotten' }
    if (known !== 'new') return repeat(known, fingerprint)
    const value = this.#run(command, context)
    const { index } = context
    const encoded = this.encodeResult(value)
    this.#state.rememberResult(session, { number, index, fingerprint, result: encoded })
    return encoded === undefined ? { status: 'not-encodable' } : { status: 'applied', index, value, encoded }
  }

  #run(command: Uint8Array, context: ApplyContext): ResultOf<Machine> {
    try {
      // `AnyMachine` takes `never`, so that every machine is one; what the codec decodes is what this machine takes.
      return this.#machine.apply(this.#codec.decode(command) as never, context) as ResultOf<Machine>
    } catch (cause) {
      const what = `the machine threw at index ${context.index}; return expected failures as results instead`
      throw failed(what, cause)
    }
  }
}

/** Applied, without a result of the machine's: whoever proposed it is told the index. */
function nothing<Result>(index: LogIndex): ApplyOutcome<Result> {
  return { status: 'applied', index, value: undefined as Result, encoded: NO_RESULT }
}

function repeat<Result>(
  known: Pick<RememberedResult, 'index' | 'fingerprint' | 'result'>,
  fingerprint: number,
): ApplyOutcome<Result> {
  if (known.fingerprint !== fingerprint) return { status: 'key-reused' }
  if (known.result === undefined) return { status: 'not-encodable' }
  return { status: 'repeated', index: known.index, encoded: known.result }
}

function failed(what: string, cause: unknown): RaftError {
  return new RaftError('RAFT_MACHINE_FAILED', `${what}. This node stopped; its data is intact`, { cause })
}
