import type { ByteReader, Random } from '@colony/host'
import type { CoreContext } from '../component.ts'
import { SCRATCH, SCRATCH_ITEM } from '../wire/scratch.ts'
import {
  DIGEST_KINDS,
  LEAST_MARK_BYTES,
  readKeyMark,
  readMemberMark,
  readScope,
  type Scope,
  type Want,
  writeKeyMark,
  writeMemberMark,
  writeScope,
  writeWant,
} from './digest-codec.ts'
import type { ToldBucket } from './difference.ts'
import { bucketOf, FINEST_LEVEL, type Fingerprint } from './fingerprint.ts'
import { memberPlace, sharedPlace } from './item-hash.ts'
import { type Bucket, byBucket, type Knowledge, markOf } from './knowledge.ts'

/** Tag and length of a section. */
export const SECTION_BYTES = 4
/** Most bytes of one message of a digest that travels by stream. */
const STREAM_MESSAGE_BYTES = 32 * 1024
/** Most bytes of a digest altogether, by scope: contents change all the time in a busy cluster, and what is left out this time comes the next. */
const MAX_DIGEST_BYTES: Readonly<Record<Scope, number>> = { members: 512 * 1024, all: 64 * 1024 }
/** As many items as this should be in a bucket. */
const ITEMS_PER_BUCKET = 16
/** Up to so many items are told at once, without asking for differences first. */
const FLAT_ITEMS = 24

/** A message to send: alone in a datagram, or over a stream. */
export interface DigestMessage {
  readonly body: Uint8Array
  readonly path: 'datagram' | 'stream'
}

/** Makes the messages in which two nodes compare what they know. */
export class DigestWriter {
  readonly #context: CoreContext
  readonly #knowledge: Knowledge
  readonly #fingerprint: Fingerprint
  readonly #random: Random
  constructor(context: CoreContext, knowledge: Knowledge, fingerprint: Fingerprint) {
    this.#context = context
    this.#knowledge = knowledge
    this.#fingerprint = fingerprint
    this.#random = context.random.fork('digests')
  }

  /** How an exchange begins: all marks where there are few, else a hash of each bucket. Always one datagram. */
  opening(scope: Scope): Uint8Array {
    const room = this.#context.packetBytes - SECTION_BYTES
    const items = this.#context.members.size + this.#knowledge.shared.values.size
    if (items <= FLAT_ITEMS) {
      const [bucket] = byBucket(this.#knowledge, 0)
      const flat = bucket && this.#buckets(0, 'all', [[0, bucket]], room)[0]
      if (flat !== undefined) return flat
    }
    let level = Math.max(0, Math.ceil(Math.log2(items / ITEMS_PER_BUCKET)))
    level = Math.min(level, FINEST_LEVEL)
    while (level > 0 && 2 + 4 * 2 ** level > room) level--
    writeScope(SCRATCH, DIGEST_KINDS.buckets, level, scope)
    for (let index = 0; index < 2 ** level; index++) {
      SCRATCH.u32(this.#fingerprint.bucket(level, index, scope === 'members'))
    }
    return SCRATCH.finish()
  }

  /** Answers hashes of buckets: the marks in those that differ; nothing when none does. In one datagram where it fits, else by stream. */
  answer(reader: ByteReader): DigestMessage[] {
    const { level, scope } = readScope(reader)
    const unequal: number[] = []
    for (let index = 0; index < 2 ** level; index++) {
      if (reader.u32() !== this.#fingerprint.bucket(level, index, scope === 'members')) unequal.push(index)
    }
    if (reader.failed || unequal.length === 0) return []
    const all = byBucket(this.#knowledge, level)
    // Begun anywhere: where not all fits, others come first the next time.
    const start = this.#random.integer(0, unequal.length - 1)
    const order = [...unequal.slice(start), ...unequal.slice(0, start)]
    const buckets = order.map((index): [number, Bucket] => [index, all[index] as Bucket])
    const small = this.#buckets(level, scope, buckets, this.#context.packetBytes - SECTION_BYTES)
    if (small.length === 1) return [{ body: small[0] as Uint8Array, path: 'datagram' }]
    return bounded(this.#buckets(level, scope, buckets, this.#streamRoom), MAX_DIGEST_BYTES[scope])
  }

  /** What is wanted: in one datagram where it fits, else by stream, as much as fits. `undefined` when there is nothing. */
  wants(wants: readonly Want[]): DigestMessage | undefined {
    if (wants.length === 0) return undefined
    SCRATCH.u8(DIGEST_KINDS.wants)
    for (const want of wants) {
      writeWant(SCRATCH_ITEM, want)
      const bytes = SCRATCH_ITEM.finish()
      if (SCRATCH.length + bytes.length > this.#streamRoom) break
      SCRATCH.raw(bytes)
    }
    const room = this.#context.packetBytes - SECTION_BYTES
    const path = SCRATCH.length <= room ? 'datagram' : 'stream'
    return { path, body: SCRATCH.finish() }
  }

  /** Asks to go elsewhere. */
  busy(): Uint8Array {
    SCRATCH.u8(DIGEST_KINDS.busy)
    return SCRATCH.finish()
  }

  /** Acknowledges a chunk. */
  got(session: number, sequence: number): Uint8Array {
    SCRATCH.u8(DIGEST_KINDS.got)
    SCRATCH.varint(session)
    SCRATCH.varint(sequence)
    return SCRATCH.finish()
  }

  get #streamRoom(): number {
    return Math.min(STREAM_MESSAGE_BYTES, this.#context.streamBytes - SECTION_BYTES)
  }

  /** Messages of at most `most` bytes with the marks in `buckets`; a bucket is never divided, and one that fits no message is left out. */
  #buckets(
    level: number,
    scope: Scope,
    buckets: Iterable<readonly [index: number, bucket: Bucket]>,
    most: number,
  ): Uint8Array[] {
    const messages: Uint8Array[] = []
    for (const [index, bucket] of buckets) {
      this.#bucket(scope, index, bucket)
      const bytes = SCRATCH_ITEM.finish()
      if (bytes.length + 2 > most) continue
      if (SCRATCH.length > 0 && SCRATCH.length + bytes.length > most) {
        messages.push(SCRATCH.finish())
      }
      if (SCRATCH.length === 0) writeScope(SCRATCH, DIGEST_KINDS.entries, level, scope)
      SCRATCH.raw(bytes)
    }
    if (SCRATCH.length > 0) messages.push(SCRATCH.finish())
    return messages
  }

  #bucket(scope: Scope, index: number, { members, shared }: Bucket): void {
    const writer = SCRATCH_ITEM
    writer.varint(index)
    writer.varint(members.length)
    for (const member of members) writeMemberMark(writer, markOf(this.#knowledge, member))
    if (scope === 'members') return
    writer.varint(shared.length)
    for (const key of shared) {
      const record = this.#knowledge.shared.values.record(key)
      if (record !== undefined) writeKeyMark(writer, { ...record, deleted: record.value === undefined })
    }
  }
}

/** The first messages, at least one and no more than `most` bytes. */
function bounded(messages: readonly Uint8Array[], most: number): DigestMessage[] {
  const taken: DigestMessage[] = []
  let bytes = 0
  for (const body of messages) {
    bytes += body.length
    if (bytes > most && taken.length > 0) break
    taken.push({ body, path: 'stream' })
  }
  return taken
}

/** Reads one bucket of a level; with the reader failed it means nothing. */
export function readBucket(
  reader: ByteReader,
  level: number,
  scope: Scope,
): ToldBucket & { readonly index: number } {
  const index = reader.count(2 ** level - 1)
  const members = []
  for (let left = reader.count(reader.remaining, LEAST_MARK_BYTES); left > 0 && !reader.failed; left--) {
    const mark = readMemberMark(reader)
    if (bucketOf(memberPlace(mark.id), level) !== index) reader.fail('a member in the wrong bucket')
    members.push(mark)
  }
  const shared = []
  const keys = scope === 'all' ? reader.count(reader.remaining, LEAST_MARK_BYTES) : 0
  for (let left = keys; left > 0 && !reader.failed; left--) {
    const mark = readKeyMark(reader)
    if (bucketOf(sharedPlace(mark.key), level) !== index) reader.fail('a key in the wrong bucket')
    shared.push(mark)
  }
  return { index, members, shared }
}
