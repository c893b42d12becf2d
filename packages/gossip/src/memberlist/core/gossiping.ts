import { COMPOUND_BYTES, encodeCompound, MAX_PARTS, PART_BYTES } from '../wire/compound.ts'
import { encodeMessage } from '../wire/message-writer.ts'
import type { PacketMessage } from '../wire/messages.ts'
import { CRC_BYTES, withChecksum } from '../wire/packet.ts'
import type { MemberlistContext, Timed } from './context.ts'
import { isPresent, knowsChecksums, type MemberRecord } from './member-table.ts'
import type { RetransmitQueue } from './retransmit-queue.ts'
import { retransmitLimit } from './timing.ts'

/** Of a packet's room for news, the part that is left to the delegate's while it has any: without it a busy membership starves user messages. */
const DELEGATE_SHARE = 0.25

/** Hands over a packet's bytes, before encryption and label. */
export type PacketSink = (to: string, bytes: Uint8Array) => void

/** Fills packets with news, and sends some of it now and then to a few members. Silent while there is nothing to say. */
export class Gossiping implements Timed {
  readonly #context: MemberlistContext
  readonly #news: RetransmitQueue
  readonly #delegateNews: readonly RetransmitQueue[]
  readonly #packetBytes: number
  readonly #sink: PacketSink
  #next: number

  /**
   * @param news What the protocol says of members.
   * @param delegateNews What its delegate says, most urgent first.
   * @param packetBytes Most bytes of a packet before encryption and label.
   */
  constructor(
    context: MemberlistContext,
    news: RetransmitQueue,
    delegateNews: readonly RetransmitQueue[],
    packetBytes: number,
    sink: PacketSink,
  ) {
    this.#context = context
    this.#news = news
    this.#delegateNews = delegateNews
    this.#packetBytes = packetBytes
    this.#sink = sink
    this.#next = context.now
  }

  /** While there is something to say, one interval after the last time. */
  get deadline(): number {
    return this.#news.bytes + this.#delegateBytes() > 0 ? this.#next : Infinity
  }

  tick(): void {
    const { now, timing, members } = this.#context
    this.#next = now + timing.gossipIntervalMs
    const others = members.pick(timing.gossipFanout, (record) => this.#isListener(record))
    // Nobody is there to hear it: whoever comes gets all of it in an exchange.
    if (others.length === 0) this.#take(this.#packetBytes, MAX_PARTS)
    for (const { endpoint } of others) this.send(endpoint, [])
  }

  /** Sends a packet with these messages and as much news as fits; nothing when there is neither. */
  send(to: string, messages: readonly PacketMessage[]): void {
    const parts = messages.map(encodeMessage)
    const record = this.#context.members.at(to)
    const summed = record !== undefined && knowsChecksums(record)
    const taken = parts.reduce((sum, part) => sum + part.length + PART_BYTES, COMPOUND_BYTES)
    const room = this.#packetBytes - taken - (summed ? CRC_BYTES : 0)
    parts.push(...this.#take(room, MAX_PARTS - parts.length))
    const [first] = parts
    if (first === undefined) return
    const bytes = parts.length === 1 ? first : encodeCompound(parts)
    this.#sink(to, summed ? withChecksum(bytes) : bytes)
  }

  #take(room: number, maxParts: number): Uint8Array[] {
    const { timing, members } = this.#context
    const limit = Math.max(1, retransmitLimit(timing, members.size))
    const parts: Uint8Array[] = []
    const kept = Math.min(this.#delegateBytes() * 2, room * DELEGATE_SHARE)
    let left = room - this.#news.take(room - kept, limit, parts, maxParts)
    for (const queue of this.#delegateNews) left -= queue.take(left, limit, parts, maxParts)
    return parts
  }

  #delegateBytes(): number {
    return this.#delegateNews.reduce((sum, queue) => sum + queue.bytes, 0)
  }

  /** Those who died a moment ago may not have, and then want to know. */
  #isListener(record: MemberRecord): boolean {
    if (record.name === this.#context.self) return false
    if (isPresent(record)) return true
    const age = this.#context.now - record.changedAt
    return record.state === 'dead' && age <= this.#context.timing.gossipToDeadMs
  }
}
