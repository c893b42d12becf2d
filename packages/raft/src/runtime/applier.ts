import type { Codec } from '@colony/host'
import type { Entry, LogIndex } from '../core/entry.ts'
import { RaftError } from '../errors.ts'
import { decodeCommandEntry, plainCommand, type CommandEntry } from './command-entry.ts'
import type { AnyMachine, CommandOf, ResultOf } from './machine.ts'

/** How many idempotency keys are remembered. Part of the replicated state, hence the same everywhere and not an option. */
export const REMEMBERED_KEYS = 131_072

/**
 * What applying one entry gave. An `applied` command took effect at `index`, which is an earlier one for a repeated key; `encoded` are the
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
  | { readonly status: 'skipped' }

/** An idempotency key and what became of its command: replicated state, the same on every node. */
export interface RememberedKey {
  readonly key: string
  /** Where the command was applied. */
  readonly index: LogIndex
  /** Checksum of the command. */
  readonly fingerprint: number
  /** Undefined: the result could not be encoded. */
  readonly result: Uint8Array | undefined
}

const SKIPPED = { status: 'skipped' } as const

/**
 * Applies committed entries to the machine, each idempotency key once. Deterministic: the same log gives the same machine, the same
 * remembered keys and the same outcomes on every node.
 */
export class Applier<Machine extends AnyMachine> {
  readonly #machine: Machine
  readonly #codec: Codec<CommandOf<Machine>>
  readonly #resultCodec: Codec<ResultOf<Machine>>
  /** Keys in the order of the log, as a ring: the first key of a Map is found by walking over all that were deleted before it. */
  readonly #keys: RememberedKey[] = []
  #nextKey = 0
  readonly #remembered = new Map<string, RememberedKey>()

  constructor(machine: Machine, codec: Codec<CommandOf<Machine>>, resultCodec: Codec<ResultOf<Machine>>) {
    this.#machine = machine
    this.#codec = codec
    this.#resultCodec = resultCodec
  }

  /**
   * Applies one entry.
   * @throws A {@link RaftError} with code `RAFT_MACHINE_FAILED` when the machine or its codec throws: this node can't go on.
   */
  apply(entry: Entry, index: LogIndex): ApplyOutcome<ResultOf<Machine>> {
    if (entry.kind !== 'command') return SKIPPED
    const plain = plainCommand(entry.data)
    if (plain !== undefined) return this.#applyPlain(plain, index)
    const decoded = decodeCommandEntry(entry.data)
    if (!decoded.ok) throw failed(`the entry at index ${index} can't be decoded`, decoded.error)
    const known = this.#remembered.get(decoded.value.key)
    return known === undefined ? this.#applyNew(decoded.value, index) : this.#repeat(known, decoded.value)
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

  /** What is remembered at this moment, the oldest first: a copy of the list, whose members never change. */
  remembered(): readonly RememberedKey[] {
    return [...this.#keys.slice(this.#nextKey), ...this.#keys.slice(0, this.#nextKey)]
  }

  /** Forgets everything, and remembers `keys` instead: a snapshot took the place of all that was applied. */
  remember(keys: readonly RememberedKey[]): void {
    this.#keys.length = 0
    this.#nextKey = 0
    this.#remembered.clear()
    for (const known of keys) this.#remember(known)
  }

  #applyPlain(command: Uint8Array, index: LogIndex): ApplyOutcome<ResultOf<Machine>> {
    return { status: 'applied', index, value: this.#run(command, index), encoded: undefined }
  }

  #run(command: Uint8Array, index: LogIndex): ResultOf<Machine> {
    try {
      // `AnyMachine` takes `never`, so that every machine is one; what the codec decodes is what this machine takes.
      return this.#machine.apply(this.#codec.decode(command) as never, { index }) as ResultOf<Machine>
    } catch (cause) {
      throw failed(`the machine threw at index ${index}; return expected failures as results instead`, cause)
    }
  }

  #applyNew({ key, fingerprint, command }: CommandEntry, index: LogIndex): ApplyOutcome<ResultOf<Machine>> {
    const value = this.#run(command, index)
    const encoded = this.encodeResult(value)
    this.#remember({ key, index, fingerprint, result: encoded })
    return encoded === undefined ? { status: 'not-encodable' } : { status: 'applied', index, value, encoded }
  }

  #repeat(known: RememberedKey, { fingerprint }: CommandEntry): ApplyOutcome<ResultOf<Machine>> {
    if (known.fingerprint !== fingerprint) return { status: 'key-reused' }
    if (known.result === undefined) return { status: 'not-encodable' }
    const { index, result } = known
    return { status: 'repeated', index, encoded: result }
  }

  #remember(known: RememberedKey): void {
    const evicted = this.#keys[this.#nextKey]
    if (evicted !== undefined) this.#remembered.delete(evicted.key)
    this.#remembered.set(known.key, known)
    this.#keys[this.#nextKey] = known
    this.#nextKey = (this.#nextKey + 1) % REMEMBERED_KEYS
  }
}

function failed(what: string, cause: unknown): RaftError {
  return new RaftError('RAFT_MACHINE_FAILED', `${what}. This node stopped; its data is intact`, { cause })
}
