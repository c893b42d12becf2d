import { ByteReader, crc32 } from '@colony/host'
import type { LogIndex, Term } from '../../core/entry.ts'
import type { Remembered } from '../remembered.ts'
import type { RememberedKey } from '../remembered-keys.ts'
import type { RememberedSession } from '../remembered-sessions.ts'
import { readKey, readLogTime, readSession } from './remembered-codec.ts'
import {
  BLOCK_END,
  BLOCK_HEADER,
  BLOCK_HEADER_BYTES,
  BLOCK_KEYS,
  BLOCK_MACHINE,
  BLOCK_ORDER,
  BLOCK_SESSIONS,
  BLOCK_TRAILER_BYTES,
  MAX_BLOCK_BYTES,
  SNAPSHOT_MAGIC,
  SNAPSHOT_VERSION,
  UNTIMED_SNAPSHOT_VERSION,
  type SnapshotSum,
} from './snapshot-format.ts'

/** What the parts of a snapshot are handed to, as they are read. */
export interface SnapshotVisitor {
  /** Log time; not called where the log had stated none. */
  time?(time: Pick<Remembered, 'time' | 'limits'>): void
  /** Remembered keys, the oldest first; called any number of times. */
  keys?(keys: readonly RememberedKey[]): void
  /** Sessions, the one unused longest first; called any number of times. */
  sessions?(sessions: readonly RememberedSession[]): void
  /** Some of the machine's bytes. */
  machine?(bytes: Uint8Array): void
}

/**
 * Reads a snapshot from pieces of any size, and believes nothing before its sum was seen to be right: the bytes may come from a peer or from a disk that
 * has lost some. What it finds wrong it keeps as {@link SnapshotParser.problem}; everything after that is ignored.
 */
export class SnapshotParser {
  readonly #visitor: SnapshotVisitor
  readonly #fields = new ByteReader()
  #pieces: Uint8Array[] = []
  #waiting = 0
  /** So many bytes make the next part whole. */
  #needed: number = SNAPSHOT_MAGIC.length + BLOCK_HEADER_BYTES
  /** Where the next block begins in what waits: behind the magic, the first time. */
  #start: number = SNAPSHOT_MAGIC.length
  #checksum = 0
  #bytes = 0
  #last = 0
  #isTimed = false
  #about: { readonly index: LogIndex; readonly term: Term } | undefined
  #problem: string | undefined

  constructor(visitor: SnapshotVisitor = {}) {
    this.#visitor = visitor
  }

  /** Why this is no snapshot, if it is none. */
  get problem(): string | undefined {
    return this.#problem
  }

  /** Index and term that the header states, once it was read. */
  get about(): { readonly index: LogIndex; readonly term: Term } | undefined {
    return this.#about
  }

  /** Length and checksum of what was read. */
  get sum(): SnapshotSum {
    return { bytes: this.#bytes, checksum: this.#checksum }
  }

  /** Takes the next bytes. */
  push(bytes: Uint8Array): void {
    if (this.#problem !== undefined || bytes.length === 0) return
    this.#pieces.push(bytes)
    this.#waiting += bytes.length
    while (this.#problem === undefined && this.#waiting >= this.#needed) this.#advance()
  }

  /** Call it when there is no more: a problem if the end was not reached. */
  end(): string | undefined {
    if (this.#last !== BLOCK_END || this.#waiting > 0)
      this.#fail(`it ends in the middle, after ${this.#bytes} bytes`)
    return this.#problem
  }

  #advance(): void {
    const bytes = this.#joined()
    const start = this.#start
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    if (start > 0 && SNAPSHOT_MAGIC.some((byte, at) => bytes[at] !== byte))
      return this.#fail('it is no snapshot')
    const length = view.getUint32(start + 1, true)
    const end = start + BLOCK_HEADER_BYTES + length
    if (length > MAX_BLOCK_BYTES) return this.#fail(`a block of ${length} bytes`)
    if (bytes.length < end + BLOCK_TRAILER_BYTES) {
      this.#needed = end + BLOCK_TRAILER_BYTES
      return
    }
    const checksum = crc32(bytes.subarray(0, end), this.#checksum)
    if (view.getUint32(end, true) !== checksum) return this.#fail(`wrong checksum after byte ${this.#bytes}`)
    this.#checksum = checksum
    this.#bytes += end + BLOCK_TRAILER_BYTES
    this.#keep(bytes.subarray(end + BLOCK_TRAILER_BYTES))
    this.#take(bytes[start] ?? 0, bytes.subarray(start + BLOCK_HEADER_BYTES, end))
  }

  /** All that waits, in one piece. Joined only when enough is there for what is next, so long blocks are copied once. */
  #joined(): Uint8Array {
    const [first] = this.#pieces
    if (this.#pieces.length === 1 && first !== undefined) return first
    const whole = new Uint8Array(this.#waiting)
    let at = 0
    for (const piece of this.#pieces) {
      whole.set(piece, at)
      at += piece.length
    }
    this.#pieces = [whole]
    return whole
  }

  #keep(rest: Uint8Array): void {
    this.#pieces = rest.length === 0 ? [] : [rest]
    this.#waiting = rest.length
    this.#start = 0
    this.#needed = BLOCK_HEADER_BYTES
  }

  #take(kind: number, payload: Uint8Array): void {
    if (!this.#isNext(kind)) return this.#fail(`block ${kind} after ${this.#last}`)
    this.#last = kind
    if (kind === BLOCK_HEADER) this.#takeHeader(payload)
    else if (kind === BLOCK_KEYS) this.#takeKeys(payload)
    else if (kind === BLOCK_SESSIONS) this.#takeSessions(payload)
    else if (kind === BLOCK_MACHINE) this.#visitor.machine?.(payload)
  }

  /** One header, then each kind any number of times, and one end. */
  #isNext(kind: number): boolean {
    if (this.#last === 0) return kind === BLOCK_HEADER
    const place = BLOCK_ORDER.indexOf(kind)
    return place > 0 && this.#last !== BLOCK_END && place >= BLOCK_ORDER.indexOf(this.#last)
  }

  #takeHeader(payload: Uint8Array): void {
    const fields = this.#fields
    fields.reset(payload)
    const version = fields.u8()
    if (version !== SNAPSHOT_VERSION && version !== UNTIMED_SNAPSHOT_VERSION)
      return this.#fail(`format version ${version} is unknown to this version`)
    this.#about = { index: fields.varint(), term: fields.varint() }
    fields.bytes()
    this.#isTimed = version === SNAPSHOT_VERSION
    const time = this.#isTimed ? readLogTime(fields) : undefined
    if (fields.failed) this.#fail(fields.reason ?? 'malformed header')
    else if (time !== undefined) this.#visitor.time?.(time)
  }

  #takeKeys(payload: Uint8Array): void {
    const fields = this.#fields
    fields.reset(payload)
    const keys: RememberedKey[] = []
    while (fields.remaining > 0 && !fields.failed) keys.push(readKey(fields, this.#isTimed))
    if (fields.failed) this.#fail(fields.reason ?? 'malformed keys')
    else this.#visitor.keys?.(keys)
  }

  #takeSessions(payload: Uint8Array): void {
    const fields = this.#fields
    fields.reset(payload)
    const sessions: RememberedSession[] = []
    while (fields.remaining > 0 && !fields.failed) sessions.push(readSession(fields))
    if (fields.failed) this.#fail(fields.reason ?? 'malformed sessions')
    else this.#visitor.sessions?.(sessions)
  }

  #fail(problem: string): void {
    this.#problem ??= problem
    this.#pieces = []
    this.#waiting = 0
  }
}
