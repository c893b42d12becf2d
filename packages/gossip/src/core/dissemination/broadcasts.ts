import type { ByteReader, ByteWriter, NodeId } from '@colony/host'
import type { CoreContext, Section } from '../component.ts'
import { SECTION_OVERHEAD } from '../wire/fair-shares.ts'
import { SCRATCH } from '../wire/scratch.ts'
import { TAGS } from '../wire/tags.ts'
import { type BroadcastItem, readBroadcast, writeBroadcast } from './broadcast-item.ts'
import { Deliveries } from './deliveries.ts'
import type { LamportClock } from './lamport-clock.ts'
import {
  MAX_BROADCAST_BYTES,
  MAX_OWN_QUEUE_BYTES,
  MAX_QUEUE_BYTES,
  MAX_SENDERS,
  MAX_TOPIC_BYTES,
  type MessageRefusal,
} from './message-limits.ts'
import { Receipts } from './receipts.ts'
import { RetransmitQueue } from './retransmit-queue.ts'
import { SeenMessages } from './seen-messages.ts'
import { spreadLimit } from './spread-limit.ts'

/**
 * Messages for everybody, each delivered once to every member that is there while it spreads. Order is not promised; Lamport time tells which of two could have
 * caused the other.
 */
export class Broadcasts implements Section {
  readonly tag: number = TAGS.broadcasts
  /** Sections and components of their own: plug them in too. */
  readonly receipts: Receipts
  readonly deliveries: Deliveries
  readonly #context: CoreContext
  readonly #clock: LamportClock
  readonly #epoch: number
  readonly #queue = new RetransmitQueue(MAX_QUEUE_BYTES)
  readonly #seen = new SeenMessages(MAX_SENDERS)
  #sequence = 0

  /** `epoch`: this node's life. */
  constructor(context: CoreContext, clock: LamportClock, epoch: number) {
    this.#context = context
    this.#clock = clock
    this.#epoch = epoch
    this.deliveries = new Deliveries(context, {
      epoch,
      resend: (to, bytes) => context.send(to, TAGS.broadcasts, bytes),
      ended: (sequence) => this.#queue.delete(queueKey(context.self, epoch, sequence)),
    })
    this.receipts = new Receipts(context, this.#seen, (from, history) =>
      this.deliveries.confirm(from, history),
    )
  }

  get backlog(): number {
    return this.#queue.bytes
  }

  /** Begins to spread a message of this node; `id` comes back in `delivered` events. Why not, when it is refused. */
  broadcast(id: number, topic: string, payload: Uint8Array): MessageRefusal | undefined {
    if (this.#context.members.get(this.#context.self)?.status === 'left') return 'left'
    if (payload.length > MAX_BROADCAST_BYTES) return 'too-large'
    if (this.deliveries.full || this.#queue.pinnedBytes >= MAX_OWN_QUEUE_BYTES) return 'queue-full'
    const sequence = this.#sequence + 1
    const lamport = this.#clock.time + 1
    const item = { sender: this.#context.self, epoch: this.#epoch, sequence, lamport, topic, payload }
    SCRATCH.string(topic)
    const topicBytes = SCRATCH.length
    SCRATCH.reset()
    writeBroadcast(SCRATCH, item)
    const bytes = SCRATCH.finish().slice()
    if (topicBytes > MAX_TOPIC_BYTES + 2 || bytes.length > this.#context.packetBytes - SECTION_OVERHEAD) {
      return 'too-large'
    }
    this.#sequence = sequence
    this.#clock.advance()
    this.#enqueue(item, bytes, true)
    this.deliveries.begin(id, sequence, bytes)
    return undefined
  }

  write(writer: ByteWriter, budget: number): number {
    this.#queue.begin()
    return this.#queue.write(writer, budget, spreadLimit(this.#context))
  }

  read(reader: ByteReader, from: NodeId): void {
    while (reader.remaining > 0) {
      const item = readBroadcast(reader)
      if (item === undefined || !this.#clock.accepts(item.lamport)) {
        this.#context.drop('malformed-broadcast')
        return
      }
      if (item.sender !== this.#context.self) this.#receive(item, from)
    }
  }

  #receive(item: BroadcastItem, from: NodeId): void {
    const sighting = this.#seen.see(item.sender, item.epoch, item.sequence)
    if (sighting === 'too-old') {
      this.#context.drop('old-broadcast')
      return
    }
    // A copy from the sender itself asks for a receipt, new or not; a repetition through others says nothing.
    const direct = from === item.sender
    if (sighting === 'new' || direct) this.receipts.owe(item.sender, direct && sighting === 'duplicate')
    if (sighting === 'duplicate') return
    this.#clock.witness(item.lamport)
    const { sender, lamport, topic, payload } = item
    this.#context.emit({ type: 'broadcast', from: sender, topic, payload, lamport })
    writeBroadcast(SCRATCH, item)
    this.#enqueue(item, SCRATCH.finish().slice(), false)
  }

  #enqueue(item: BroadcastItem, bytes: Uint8Array, own: boolean): void {
    const key = queueKey(item.sender, item.epoch, item.sequence)
    const thrownOut = this.#queue.put(key, bytes, own)
    for (let count = 0; count < thrownOut; count++) this.#context.drop('broadcast-overflow')
  }
}

function queueKey(sender: NodeId, epoch: number, sequence: number): string {
  return `${epoch}/${sequence}/${sender}`
}
