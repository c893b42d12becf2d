import type { NodeId } from '@colony/host'
import type { CoreContext } from '../component.ts'
import type { StateMark } from '../state/owner-state.ts'
import { SCRATCH, SCRATCH_ITEM } from '../wire/scratch.ts'
import { TAGS } from '../wire/tags.ts'
import type { TokenBucket } from '../wire/token-bucket.ts'
import { ChunkFiller } from './chunk.ts'
import { noOffer, type Offer } from './difference.ts'
import { SECTION_BYTES } from './digest-message.ts'
import { type Knowledge, tellFrom } from './knowledge.ts'

/** Number of the session, number of the chunk, flags: at most. */
const HEAD_BYTES = 14
/** Most bytes of one chunk of a stream: an acknowledgement is awaited after each, so that nobody is flooded. */
const CHUNK_BYTES = 128 * 1024
/** How many others are told large differences at a time. */
const MAX_SESSIONS = 8
/** How long an acknowledgement is waited for. What has arrived until then is kept, and the next exchange goes on from there. */
const ACK_TIMEOUT_MS = 10_000
/** Members that one session may hold: whatever else there is comes with the next exchange. */
const MAX_OFFERED = 100_000

/** Flags of a chunk: tell me when it has arrived; more of them follow. */
export const CHUNK_FLAGS = { wantsAck: 1, more: 2 } as const

/** What one other node is being told. */
interface Session {
  readonly peer: NodeId
  readonly number: number
  readonly offer: Offer
  /** Number of the last chunk that was sent. */
  sequence: number
  /** Until when its acknowledgement is waited for; 0 when the next chunk may go. */
  awaitedUntil: number
}

/**
 * Tells others what they lack. What fits a datagram goes at once and is not acknowledged: a lost one is missed again. Anything larger goes by stream in chunks, one at a
 * time for each peer, for a bounded number of peers, within a budget of bytes a second.
 */
export class Outgoing {
  readonly #context: CoreContext
  readonly #knowledge: Knowledge
  readonly #filler: ChunkFiller
  readonly #bandwidth: TokenBucket
  readonly #sessions = new Map<NodeId, Session>()
  #numbers = 0

  constructor(context: CoreContext, knowledge: Knowledge, bandwidth: TokenBucket) {
    this.#context = context
    this.#knowledge = knowledge
    this.#filler = new ChunkFiller(knowledge, context.self)
    this.#bandwidth = bandwidth
  }

  /** Peers that are being told something large. */
  get size(): number {
    return this.#sessions.size
  }

  /** When a chunk may be sent, or is waited for no longer. */
  get deadline(): number {
    let deadline = Number.POSITIVE_INFINITY
    if (this.#sessions.size === 0) return deadline
    for (const { awaitedUntil } of this.#sessions.values()) {
      deadline = Math.min(deadline, awaitedUntil > 0 ? awaitedUntil : this.#bandwidth.readyAt(CHUNK_BYTES))
    }
    return deadline
  }

  /** Begins to tell `peer` what it lacks, or adds to what it is being told; `false` when too many others are told something. */
  tell(peer: NodeId, offer: Offer): boolean {
    const session = this.#sessions.get(peer)
    if (session !== undefined) {
      addTo(session.offer, inDepthOrder(offer, this.#knowledge))
      return true
    }
    if (isEmpty(offer)) return true
    if (this.#bandwidth.available <= 0) return false
    const { packetBytes } = this.#context
    const fresh: Session = { peer, number: ++this.#numbers, offer: noOffer(), sequence: 0, awaitedUntil: 0 }
    addTo(fresh.offer, inDepthOrder(offer, this.#knowledge))
    if (this.#filler.fill(SCRATCH, packetBytes - SECTION_BYTES - HEAD_BYTES, fresh.offer)) {
      this.#send(fresh, 'datagram')
      return true
    }
    if (this.#sessions.size >= MAX_SESSIONS) {
      SCRATCH.reset()
      return false
    }
    this.#sessions.set(peer, fresh)
    this.#sendNext(fresh)
    return true
  }

  /** A chunk has arrived: the next one goes, or it was the last. */
  got(peer: NodeId, number: number, sequence: number): void {
    const session = this.#sessions.get(peer)
    if (session?.number !== number || session.sequence !== sequence) return
    session.awaitedUntil = 0
    if (isEmpty(session.offer)) this.#sessions.delete(peer)
    else if (this.#bandwidth.readyAt(CHUNK_BYTES) <= this.#context.now) this.#sendNext(session)
  }

  tick(): void {
    const { now, members } = this.#context
    for (const session of this.#sessions.values()) {
      if (session.awaitedUntil > 0 && (session.awaitedUntil <= now || !members.isPresent(session.peer))) {
        this.#sessions.delete(session.peer)
        this.#context.drop('sync-cut')
      } else if (session.awaitedUntil === 0 && this.#bandwidth.readyAt(CHUNK_BYTES) <= now) {
        this.#sendNext(session)
      }
    }
  }

  /** Sends the next chunk, after what was written of it already. */
  #sendNext(session: Session): void {
    const most = Math.min(CHUNK_BYTES, this.#context.streamBytes - SECTION_BYTES) - HEAD_BYTES
    const done = this.#filler.fill(SCRATCH, most, session.offer)
    if (SCRATCH.length > 0) {
      this.#send(session, 'stream')
      session.awaitedUntil = this.#context.now + ACK_TIMEOUT_MS
      return
    }
    this.#sessions.delete(session.peer)
    // Not even alone does the next part fit: with such a small limit one does without it.
    if (!done) this.#context.drop('sync-too-large')
  }

  #send(session: Session, path: 'datagram' | 'stream'): void {
    const more = isEmpty(session.offer) ? 0 : CHUNK_FLAGS.more
    SCRATCH_ITEM.varint(session.number)
    SCRATCH_ITEM.varint(++session.sequence)
    SCRATCH_ITEM.u8(path === 'stream' ? CHUNK_FLAGS.wantsAck | more : 0)
    SCRATCH_ITEM.raw(SCRATCH.finish())
    this.#bandwidth.charge(SCRATCH_ITEM.length)
    this.#context.send(session.peer, TAGS.chunk, SCRATCH_ITEM.finish(), path)
  }
}

/** Whether there is nothing to tell. */
export function isEmpty({ members, states, shared }: Offer): boolean {
  return members.size === 0 && states.size === 0 && shared.size === 0
}

/** Scuttle-depth (section 5 of the paper): whose state the other lacks most of comes first, so that few copies are far behind when time runs out. */
function inDepthOrder({ members, states, shared }: Offer, { state }: Knowledge): Offer {
  const missing = (id: NodeId, theirs: StateMark): number => {
    const copy = state.store.copy(id)
    return copy?.countAfter(tellFrom(copy, theirs) ?? copy.version) ?? 0
  }
  const order = [...states].map(([id, mark]) => ({ id, mark, depth: missing(id, mark) }))
  order.sort((one, other) => other.depth - one.depth)
  return { members, states: new Map(order.map(({ id, mark }) => [id, mark])), shared }
}

function addTo(offer: Offer, more: Offer): void {
  for (const id of more.members) if (offer.members.size < MAX_OFFERED) offer.members.add(id)
  for (const key of more.shared) if (offer.shared.size < MAX_OFFERED) offer.shared.add(key)
  for (const [id, mark] of more.states) {
    // What is on its way to them already they have not said yet.
    const told = offer.states.get(id)
    if (told !== undefined && told.life >= mark.life && told.version >= mark.version) continue
    if (offer.states.size < MAX_OFFERED) offer.states.set(id, mark)
  }
}
