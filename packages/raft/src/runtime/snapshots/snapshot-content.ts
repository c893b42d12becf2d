import type { SnapshotMeta } from '../../core/entry.ts'
import type { Remembered } from '../remembered.ts'
import type { Pace } from './pace.ts'
import { SnapshotEncoder } from './snapshot-encoder.ts'
import type { SnapshotSum } from './snapshot-format.ts'

/** What a machine gives as its state. */
export type MachineChunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>

/** A snapshot that is about to be written: everything that must be taken at one applied index is in hand. */
export class SnapshotContent {
  readonly #meta: SnapshotMeta
  readonly #remembered: Remembered
  readonly #pace: Pace
  readonly #encoder = new SnapshotEncoder()
  readonly #machine: Iterator<Uint8Array> | AsyncIterator<Uint8Array>
  readonly #first: IteratorResult<Uint8Array> | Promise<IteratorResult<Uint8Array>>

  /** Asks the machine for its first chunk at once: a generator runs only then, and copies now what it must. */
  constructor(meta: SnapshotMeta, remembered: Remembered, machine: MachineChunks, pace: Pace) {
    this.#meta = meta
    this.#remembered = remembered
    this.#pace = pace
    this.#machine =
      Symbol.asyncIterator in machine ? machine[Symbol.asyncIterator]() : machine[Symbol.iterator]()
    this.#first = this.#machine.next()
    // It is awaited only when the keys are written; until then nobody would hear that it failed.
    if ('then' in this.#first) this.#first.catch(() => undefined)
  }

  /** Length and checksum, once all of it was read. */
  get sum(): SnapshotSum {
    return this.#encoder.sum
  }

  /** The bytes, to be read once. */
  async *chunks(): AsyncGenerator<Uint8Array> {
    try {
      yield this.#encoder.begin(this.#meta, this.#remembered)
      yield* this.#rememberedBlocks()
      for (let next = await this.#first; next.done !== true; next = await this.#machine.next()) {
        yield* this.#machineBlocks(next.value)
      }
      yield this.#encoder.end()
    } finally {
      // A machine may hold something open for as long as it is read.
      await this.#machine.return?.()
    }
  }

  async *#rememberedBlocks(): AsyncGenerator<Uint8Array> {
    const { keys, sessions } = this.#remembered
    for (let from = 0; from < keys.length;) {
      const { block, next } = this.#encoder.keys(keys, from)
      yield block
      from = next
      if (this.#pace.spent(block.length)) await this.#pace.pause()
    }
    for (let from = 0; from < sessions.length;) {
      const { block, next } = this.#encoder.sessions(sessions, from)
      yield block
      from = next
      if (this.#pace.spent(block.length)) await this.#pace.pause()
    }
  }

  async *#machineBlocks(chunk: unknown): AsyncGenerator<Uint8Array> {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('a machine’s snapshot must yield Uint8Arrays')
    for (const block of this.#encoder.machine(chunk)) {
      yield block
      if (this.#pace.spent(block.length)) await this.#pace.pause()
    }
  }
}
