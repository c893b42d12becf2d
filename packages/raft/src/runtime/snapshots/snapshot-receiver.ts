import { observe, type Clock, type NodeId, type Observer } from '@colony/host'
import type { LogIndex, SnapshotMeta } from '../../core/entry.ts'
import type { Route } from '../route.ts'
import { IncomingSnapshot } from './incoming-snapshot.ts'
import {
  isSameSnapshot,
  type SnapshotChunk,
  type SnapshotId,
  type SnapshotOffer,
  type SnapshotStatus,
} from './snapshot-wire.ts'

/** What is not heard of for so long is given up, so that it takes no space for ever. Another leader may have gone on with it until then. */
const FORGET_AFTER_MS = 60_000

/** What receiving needs. */
export interface ReceiverParts {
  readonly route: Route
  readonly clock: Clock
  readonly observer: Observer | undefined
  /** Whether this node's machine and storage know snapshots at all. */
  readonly isAble: boolean
  /** What is committed here, and so needs no snapshot. */
  commitIndex(): LogIndex
  /** Whether something else is being written, which is then asked to leave off. */
  mustWait(): boolean
  /** Makes it durable. */
  save(meta: SnapshotMeta, chunks: AsyncIterable<Uint8Array>): Promise<void>
  /** Puts it, now durable, in the place of the log and of the machine's state. Rejects only when this node stops. */
  install(meta: SnapshotMeta, id: SnapshotId): Promise<void>
}

/**
 * The follower's side of a snapshot: one at a time, from whoever leads. Where a new leader, or a new life of the old one, offers the same snapshot, it goes on
 * from the bytes that are here.
 */
export class SnapshotReceiver {
  readonly #parts: ReceiverParts
  #incoming: IncomingSnapshot | undefined
  #installing = false
  #receiving: Promise<void> | undefined

  constructor(parts: ReceiverParts) {
    this.#parts = parts
  }

  /** Whether one is arriving or being installed. */
  get isBusy(): boolean {
    return this.#incoming !== undefined
  }

  /** A leader has a snapshot for this node, or asks again how far it is. */
  onOffer(from: NodeId, offer: SnapshotOffer): void {
    const { route, isAble } = this.#parts
    if (offer.term !== route.term || from !== route.leader) return
    if (offer.index <= this.#parts.commitIndex()) return this.#tell(from, offer, 'installed', offer.bytes)
    if (!isAble) return this.#tell(from, offer, 'refused', 0)
    const incoming = this.#incoming
    if (incoming === undefined) return this.#begin(from, offer)
    if (isSameSnapshot(incoming.id, offer)) {
      incoming.from = from
      if (this.#installing) this.#tell(from, offer, 'installing', offer.bytes)
      else this.#tell(from, offer, 'receiving', incoming.arrived)
    } else if (!this.#installing) {
      // No answer yet: it asks again, when this one is out of the way.
      incoming.abandon('another snapshot is offered')
    }
  }

  /** Some of its content. */
  onChunk(from: NodeId, chunk: SnapshotChunk): void {
    const { route, clock } = this.#parts
    const incoming = this.#incoming
    if (incoming === undefined || incoming.from !== from || chunk.term !== route.term) return
    if (isSameSnapshot(incoming.id, chunk)) incoming.take(chunk, clock.now())
  }

  /** Gives up what nobody sends or needs any more: the entries may have come in another way. */
  sweep(): void {
    const incoming = this.#incoming
    if (incoming === undefined || this.#installing) return
    if (incoming.id.index <= this.#parts.commitIndex()) incoming.abandon('it is not needed any more')
    if (this.#parts.clock.now() - incoming.heardAt >= FORGET_AFTER_MS)
      incoming.abandon('nobody sends it any more')
  }

  /** The node stops; resolves when nothing is written any more. */
  async stop(): Promise<void> {
    this.#incoming?.abandon('the node stopped')
    await this.#receiving
  }

  #begin(from: NodeId, offer: SnapshotOffer): void {
    if (this.#parts.mustWait()) return
    const { index, bytes, checksum, snapshotTerm: term, membership } = offer
    const id = { index, bytes, checksum }
    const started = this.#parts.clock.now()
    const incoming = new IncomingSnapshot(id, { index, term, membership }, from, started, () => {
      if (incoming.written < bytes) this.#tell(incoming.from, id, 'receiving', incoming.written)
    })
    this.#incoming = incoming
    this.#tell(from, id, 'receiving', 0)
    this.#receiving = this.#receive(incoming, started)
  }

  async #receive(incoming: IncomingSnapshot, started: number): Promise<void> {
    const { id, meta } = incoming
    try {
      await this.#parts.save(meta, incoming.chunks())
      this.#installing = true
      await this.#parts.install(meta, id)
      this.#observe('raft.snapshot-installed', 'info', incoming, { ms: this.#parts.clock.now() - started })
      this.#tell(incoming.from, id, 'installed', id.bytes)
    } catch (error) {
      this.#observe('raft.snapshot-failed', 'warn', incoming, { doing: 'receiving', reason: String(error) })
    } finally {
      this.#incoming = undefined
      this.#installing = false
    }
  }

  #tell(
    to: NodeId,
    { index, bytes, checksum }: SnapshotId,
    status: SnapshotStatus['status'],
    offset: number,
  ): void {
    const { route } = this.#parts
    route.send(to, { type: 'snapshot-status', term: route.term, index, bytes, checksum, status, offset })
  }

  #observe(
    type: string,
    level: 'info' | 'warn',
    { id, from }: IncomingSnapshot,
    fields: Record<string, unknown>,
  ): void {
    const { route, observer } = this.#parts
    observe(observer, { type, level, node: route.id, from, index: id.index, bytes: id.bytes, ...fields })
  }
}
