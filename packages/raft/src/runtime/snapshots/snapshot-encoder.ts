import { ByteWriter, crc32 } from '@colony/host'
import type { SnapshotMeta } from '../../core/entry.ts'
import { encodeMembership } from '../../core/membership.ts'
import type { Remembered } from '../remembered.ts'
import type { RememberedKey } from '../remembered-keys.ts'
import type { RememberedSession } from '../remembered-sessions.ts'
import { writeKey, writeLogTime, writeSession } from './remembered-codec.ts'
import {
  BLOCK_END,
  BLOCK_HEADER,
  BLOCK_HEADER_BYTES,
  BLOCK_KEYS,
  BLOCK_MACHINE,
  BLOCK_SESSIONS,
  BLOCK_TRAILER_BYTES,
  MAX_MACHINE_BLOCK_BYTES,
  SNAPSHOT_MAGIC,
  SNAPSHOT_VERSION,
  UNTIMED_SNAPSHOT_VERSION,
  type SnapshotSum,
} from './snapshot-format.ts'

/** A block of keys or sessions is closed once it is this long. */
const REMEMBERED_BLOCK_BYTES = 32 * 1024

const NOTHING = new Uint8Array(0)

/** Makes the bytes of a snapshot, piece by piece, each to be written behind the one before. */
export class SnapshotEncoder {
  readonly #fields = new ByteWriter()
  #checksum = 0
  #bytes = 0
  #isTimed = false

  /** Length and checksum of all that was made; of a whole snapshot after {@link SnapshotEncoder.end}. */
  get sum(): SnapshotSum {
    return { bytes: this.#bytes, checksum: this.#checksum }
  }

  /** The beginning: whose state follows, and what time it is. */
  begin(
    { index, term, membership }: SnapshotMeta,
    { time, limits }: Pick<Remembered, 'time' | 'limits'>,
  ): Uint8Array {
    const fields = this.#fields
    fields.reset()
    this.#isTimed = limits !== undefined
    fields.u8(this.#isTimed ? SNAPSHOT_VERSION : UNTIMED_SNAPSHOT_VERSION)
    fields.varint(index)
    fields.varint(term)
    fields.bytes(encodeMembership(membership))
    if (limits !== undefined) writeLogTime(fields, time, limits)
    return this.#block(BLOCK_HEADER, fields.finish(), SNAPSHOT_MAGIC)
  }

  /** As many of `keys`, from `from` on, as make one block; the block and where the next one begins. */
  keys(keys: readonly RememberedKey[], from: number): { readonly block: Uint8Array; readonly next: number } {
    const fields = this.#fields
    fields.reset()
    let next = from
    while (next < keys.length && fields.length < REMEMBERED_BLOCK_BYTES) {
      const known = keys[next++]
      if (known !== undefined) writeKey(fields, known, this.#isTimed)
    }
    return { block: this.#block(BLOCK_KEYS, fields.finish()), next }
  }

  /** The same for sessions. */
  sessions(
    sessions: readonly RememberedSession[],
    from: number,
  ): { readonly block: Uint8Array; readonly next: number } {
    const fields = this.#fields
    fields.reset()
    let next = from
    while (next < sessions.length && fields.length < REMEMBERED_BLOCK_BYTES) {
      const session = sessions[next++]
      if (session !== undefined) writeSession(fields, session)
    }
    return { block: this.#block(BLOCK_SESSIONS, fields.finish()), next }
  }

  /** Blocks that hold one chunk of the machine's. */
  *machine(chunk: Uint8Array): Generator<Uint8Array> {
    for (let at = 0; at < chunk.length; at += MAX_MACHINE_BLOCK_BYTES) {
      yield this.#block(BLOCK_MACHINE, chunk.subarray(at, at + MAX_MACHINE_BLOCK_BYTES))
    }
  }

  /** The end. */
  end(): Uint8Array {
    return this.#block(BLOCK_END, NOTHING)
  }

  #block(kind: number, payload: Uint8Array, before: Uint8Array = NOTHING): Uint8Array {
    const start = before.length
    const end = start + BLOCK_HEADER_BYTES + payload.length
    const bytes = new Uint8Array(end + BLOCK_TRAILER_BYTES)
    const view = new DataView(bytes.buffer)
    bytes.set(before)
    bytes[start] = kind
    view.setUint32(start + 1, payload.length, true)
    bytes.set(payload, start + BLOCK_HEADER_BYTES)
    // Of everything but the sums themselves, which would make each depend on what can be computed from it.
    this.#checksum = crc32(bytes.subarray(0, end), this.#checksum)
    view.setUint32(end, this.#checksum, true)
    this.#bytes += bytes.length
    return bytes
  }
}
