import type { ByteReader, NodeId } from '@colony/host'
import type { CoreContext } from '../component.ts'
import { spreadTimeMs } from '../dissemination/spread-limit.ts'
import type { MemberUpdate } from '../wire/member-update.ts'
import { TAGS } from '../wire/tags.ts'
import { type ChunkParts, readChunk } from './chunk.ts'
import type { DigestWriter } from './digest-message.ts'
import type { Knowledge } from './knowledge.ts'
import { CHUNK_FLAGS } from './outgoing.ts'

/** Verdicts of others that become suspicions here in the time that news takes to reach everybody: a healed partition must not drown the refutations. */
const MAX_VERDICTS = 64
/** Runs of at most so many bytes of values are passed on by gossip; others found them, or will, as this node did. */
const PASSED_ON_BYTES = 512

/** So long after a chunk the next one is expected. */
const NEXT_CHUNK_MS = 2000

/** Takes in what others tell. Whatever was understood is kept, also when the rest never comes. */
export class Incoming {
  readonly #context: CoreContext
  readonly #knowledge: Knowledge
  readonly #writer: DigestWriter
  #verdicts = 0
  #verdictsUntil = 0
  #moreUntil = 0

  constructor(context: CoreContext, knowledge: Knowledge, writer: DigestWriter) {
    this.#context = context
    this.#writer = writer
    this.#knowledge = knowledge
  }

  /** Whether somebody is in the middle of telling much: what still differs is on its way. */
  get expectsMore(): boolean {
    return this.#context.now < this.#moreUntil
  }

  read(reader: ByteReader, from: NodeId): void {
    const session = reader.varint()
    const sequence = reader.varint()
    const flags = reader.u8()
    const parts = readChunk(reader, from)
    if (parts === undefined) {
      this.#context.drop('malformed-chunk')
      return
    }
    this.#take(parts, from)
    this.#moreUntil = flags & CHUNK_FLAGS.more ? this.#context.now + NEXT_CHUNK_MS : 0
    if (flags & CHUNK_FLAGS.wantsAck) {
      this.#context.send(from, TAGS.digest, this.#writer.got(session, sequence), 'stream')
    }
  }

  #take({ members, runs, shared }: ChunkParts, from: NodeId): void {
    const updates: MemberUpdate[] = []
    for (const update of members) {
      const weighed = this.#weigh(update, from)
      if (weighed !== undefined) updates.push(weighed)
    }
    const { register, state } = this.#knowledge
    if (updates.length > 0 && !register.applyAll(updates, 'sync', from)) return
    for (const run of runs) state.take(run, sizeOf(run.entries) <= PASSED_ON_BYTES)
    for (const record of shared) this.#knowledge.shared.take(record)
  }

  /**
   * What a verdict of another is worth here. After a partition each side holds the other for failed, and each is wrong: so "failed" is a suspicion, which the member can refute and which dies
   * with the suspicion's time-out if it cannot (as memberlist merges it). "Left" was the member's own word, or an operator's. Of a member that is not known here nothing but presence is news.
   */
  #weigh(update: MemberUpdate, from: NodeId): MemberUpdate | undefined {
    const { id, status } = update
    if (status === 'alive' || id === this.#context.self) return update
    if (this.#context.members.get(id) === undefined) return status === 'suspect' ? update : undefined
    if (status !== 'failed' || !this.#context.members.isPresent(id)) return update
    if (this.#context.now >= this.#verdictsUntil) {
      this.#verdicts = 0
      this.#verdictsUntil = this.#context.now + spreadTimeMs(this.#context)
    }
    if (++this.#verdicts <= MAX_VERDICTS) return { ...update, status: 'suspect', accuser: from }
    this.#context.drop('sync-verdict')
    return undefined
  }
}

function sizeOf(entries: ChunkParts['runs'][number]['entries']): number {
  let bytes = 0
  for (const { key, value } of entries) bytes += key.length + (value?.length ?? 0)
  return bytes
}
