import { type ByteReader, ByteWriter, type Random } from '@colony/host'
import type { CoreContext } from '../component.ts'
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

/** How an exchange begins: all marks where there are few, else a hash of each bucket. Always one datagram. */
export function openingMessage(
  context: CoreContext,
  knowledge: Knowledge,
  fingerprint: Fingerprint,
  scope: Scope,
): Uint8Array {
  const room = context.packetBytes - SECTION_BYTES
  const items = context.members.size + knowledge.shared.values.size
  if (items <= FLAT_ITEMS) {
    const [bucket] = byBucket(knowledge, 0)
    const body = bucket && writeBuckets(knowledge, 0, 'all', [[0, bucket]], room)[0]
    if (body !== undefined) return body
  }
  let level = Math.max(0, Math.ceil(Math.log2(items / ITEMS_PER_BUCKET)))
  level = Math.min(level, FINEST_LEVEL)
  while (level > 0 && 2 + 4 * 2 ** level > room) level--
  const writer = new ByteWriter()
  writeScope(writer, DIGEST_KINDS.buckets, level, scope)
  for (let index = 0; index < 2 ** level; index++) {
    writer.u32(fingerprint.bucket(level, index, scope === 'members'))
  }
  return writer.finish()
}

/** Answers hashes of buckets: the marks in those that differ; nothing when none does. In one datagram where it fits, else by stream. */
export function answerBuckets(
  context: CoreContext,
  knowledge: Knowledge,
  fingerprint: Fingerprint,
  reader: ByteReader,
  random: Random,
): DigestMessage[] {
  const { level, scope } = readScope(reader)
  const unequal: number[] = []
  for (let index = 0; index < 2 ** level; index++) {
    if (reader.u32() !== fingerprint.bucket(level, index, scope === 'members')) unequal.push(index)
  }
  if (reader.failed || unequal.length === 0) return []
  const all = byBucket(knowledge, level)
  // Begun anywhere: where not all fits, others come first the next time.
  const start = random.integer(0, unequal.length - 1)
  const order = [...unequal.slice(start), ...unequal.slice(0, start)]
  const buckets = order.map((index): [number, Bucket] => [index, all[index] as Bucket])
  const room = context.packetBytes - SECTION_BYTES
  const small = writeBuckets(knowledge, level, scope, buckets, room)
  if (small.length === 1) return [{ body: small[0] as Uint8Array, path: 'datagram' }]
  const most = Math.min(STREAM_MESSAGE_BYTES, context.streamBytes - SECTION_BYTES)
  const messages: DigestMessage[] = []
  let bytes = 0
  for (const body of writeBuckets(knowledge, level, scope, buckets, most)) {
    bytes += body.length
    if (bytes > MAX_DIGEST_BYTES[scope] && messages.length > 0) break
    messages.push({ body, path: 'stream' })
  }
  return messages
}

/** Messages of at most `most` bytes with the marks in `buckets`; a bucket is never divided, and one that fits no message is left out. */
function writeBuckets(
  knowledge: Knowledge,
  level: number,
  scope: Scope,
  buckets: Iterable<readonly [index: number, bucket: Bucket]>,
  most: number,
): Uint8Array[] {
  const messages: Uint8Array[] = []
  const one = new ByteWriter()
  const writer = new ByteWriter()
  for (const [index, bucket] of buckets) {
    writeBucket(one, knowledge, scope, index, bucket)
    const bytes = one.finish()
    if (bytes.length + 2 > most) continue
    if (writer.length > 0 && writer.length + bytes.length > most) messages.push(writer.finish())
    if (writer.length === 0) writeScope(writer, DIGEST_KINDS.entries, level, scope)
    writer.raw(bytes)
  }
  if (writer.length > 0) messages.push(writer.finish())
  return messages
}

function writeBucket(
  writer: ByteWriter,
  knowledge: Knowledge,
  scope: Scope,
  index: number,
  { members, shared }: Bucket,
): void {
  writer.varint(index)
  writer.varint(members.length)
  for (const member of members) writeMemberMark(writer, markOf(knowledge, member))
  if (scope === 'members') return
  writer.varint(shared.length)
  for (const key of shared) {
    const record = knowledge.shared.values.record(key)
    if (record !== undefined) writeKeyMark(writer, { ...record, deleted: record.value === undefined })
  }
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

/** A message of wants: in one datagram where they fit, else by stream, as many as fit. `undefined` when there is none. */
export function wantsMessage(context: CoreContext, wants: readonly Want[]): DigestMessage | undefined {
  const room = context.packetBytes - SECTION_BYTES
  const most = Math.min(STREAM_MESSAGE_BYTES, context.streamBytes - SECTION_BYTES)
  const writer = new ByteWriter()
  const one = new ByteWriter()
  writer.u8(DIGEST_KINDS.wants)
  for (const want of wants) {
    writeWant(one, want)
    const bytes = one.finish()
    if (writer.length + bytes.length > most) break
    writer.raw(bytes)
  }
  if (writer.length === 1) return undefined
  return { path: writer.length <= room ? 'datagram' : 'stream', body: writer.finish() }
}
