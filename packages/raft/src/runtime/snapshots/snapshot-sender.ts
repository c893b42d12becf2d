/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock, NodeId } from '@colony/host'
import type { StoredSnapshot } from '../../storage/storage.ts'
import type { Route } from '../route.ts'
import type { SnapshotSum } from './snapshot-format.ts'
import { isSameSnapshot, type SnapshotId, type SnapshotStatus } from './snapshot-wire.ts'
import type { TokenBucket } from './token-bucket.ts'

/** How many chunks may be under way: enough to fill a link, few enough for a heartbeat to find its way between them. */
const WINDOW_CHUNKS = 4
/** After so long without progress the follower is asked how far it is. */
const ASK_AFTER_MS = 250
/** After so long it is given up. Long against a slow disk at the other end, which says so, and against a lost connection. */
const GIVE_UP_AFTER_MS = 15_000

/** Not a problem: the follower came by the entries in another way. */
export const NOT_NEEDED = 'it is not needed any more'

/** What sending needs. */
export interface SenderParts {
  readonly route: Route
  readonly clock: Clock
  readonly bucket: TokenBucket
  /** Most bytes of content in one message. */
  readonly chunkBytes: number
  /** Whether the follower still needs it, and this node still leads the term in which it began. */
  isWanted(): boolean
  /** The snapshot is not read any more. Called once. */
  closed(): void
  /** It is over: the follower holds it, or why it does not. Not called when it was stopped. */
  over(problem: string | undefined): void
}

/**
 * Sends one snapshot to one follower: asks how much of it is there, then sends what is missing, chunk after chunk, as fast as the follower writes them and
 * the limit allows. Whatever was lost on the way is found out by asking again, and sent again from where the follower is.
 */
export class SnapshotSender {
  readonly to: NodeId
  readonly id: SnapshotId
  readonly #stored: StoredSnapshot
  readonly #parts: SenderParts
  readonly #term: number
  /** The follower has written everything before. */
  #acknowledged = 0
  /** Where the next chunk begins. */
  #next = 0
  /** Whether the follower has said where to go on since it was asked. */
  #agreed = false
  #answered = false
  #progressAt: number
  #reading = false
  #over = false
  #timer: Disposable | undefined

  constructor(to: NodeId, stored: StoredSnapshot, sum: SnapshotSum, parts: SenderParts) {
    this.to = to
    this.#stored = stored
    this.id = { index: stored.meta.index, ...sum }
    this.#parts = parts
    this.#term = parts.route.term
    this.#progressAt = parts.clock.now()
  }

  /** Whether the follower has said anything yet. */
  get answered(): boolean {
    return this.#answered
  }

  /** Begins. */
  start(): void {
    this.#ask()
    this.#wait(ASK_AFTER_MS)
  }

  /** Takes what the follower says. */
  onStatus(m: SnapshotStatus): void {
    if (this.#over || m.term !== this.#term || !isSameSnapshot(m, this.id)) return
    this.#answered = true
    if (m.status === 'installed') return this.#end(undefined)
    if (m.status === 'refused') return this.#end('the node cannot take snapshots')
    if (!this.#agreed || m.offset > this.#acknowledged) this.#goOn(m.offset)
    // It may take its time, as long as it says so.
    if (m.status === 'installing') this.#progressAt = this.#parts.clock.now()
    this.#send()
  }

  /** Leaves off. */
  stop(): void {
    if (this.#over) return
    this.#over = true
    this.#timer?.[Symbol.dispose]()
    this.#parts.closed()
  }

  /** The first answer after a question says where to go on, also if that is further back: the follower may have begun anew. */
  #goOn(offset: number): void {
    if (offset > this.#acknowledged) this.#progressAt = this.#parts.clock.now()
    this.#acknowledged = Math.min(offset, this.id.bytes)
    this.#next = this.#agreed ? Math.max(this.#next, this.#acknowledged) : this.#acknowledged
    this.#agreed = true
  }

  #ask(): void {
    const { meta } = this.#stored
    this.#agreed = false
    this.#parts.route.send(this.to, {
      type: 'snapshot-offer',
      term: this.#term,
      ...this.id,
      snapshotTerm: meta.term,
      membership: meta.membership,
    })
  }

  #send(): void {
    if (this.#over || this.#reading || !this.#agreed || this.#next >= this.id.bytes) return
    if (!this.#parts.isWanted()) return this.#endUnneeded()
    const { chunkBytes, bucket } = this.#parts
    if (this.#next - this.#acknowledged >= WINDOW_CHUNKS * chunkBytes) return
    const waitMs = bucket.waitMs()
    if (waitMs > 0) return this.#wait(waitMs)
    this.#reading = true
    this.#stored.read(this.#next, chunkBytes).then(
      (data) => this.#sendChunk(data),
      (error: unknown) => this.#end(`reading it failed: ${String(error)}`),
    )
  }

  #sendChunk(data: Uint8Array): void {
    this.#reading = false
    if (this.#over || !this.#agreed) return
    const offset = this.#next
    if (data.length === 0) return this.#end(`it ends at byte ${offset} of ${this.id.bytes}`)
    const chunk = { type: 'snapshot-chunk', term: this.#term, ...this.id, offset, data } as const
    // Refused at once: the link is full or down. The question that follows silence finds out.
    if (!this.#parts.route.send(this.to, chunk)) return
    this.#parts.bucket.spend(data.length)
    this.#next += data.length
    this.#send()
  }

  #wait(ms: number): void {
    this.#timer?.[Symbol.dispose]()
    this.#timer = this.#parts.clock.after(Math.min(ms, ASK_AFTER_MS), () => this.#onTimer())
  }

  #onTimer(): void {
    if (this.#over) return
    if (!this.#parts.isWanted()) return this.#endUnneeded()
    const now = this.#parts.clock.now()
    // Nothing is under way: it is the limit that we wait for, not the follower.
    if (this.#agreed && this.#next === this.#acknowledged && this.#next < this.id.bytes)
      this.#progressAt = now
    const silentMs = now - this.#progressAt
    if (silentMs >= GIVE_UP_AFTER_MS) return this.#end(`no progress for ${GIVE_UP_AFTER_MS} ms`)
    if (silentMs >= ASK_AFTER_MS || !this.#agreed) this.#ask()
    this.#wait(ASK_AFTER_MS)
    this.#send()
  }

  /** The core has heard that it is there, or the follower came by the entries in another way. */
  #endUnneeded(): void {
    this.#end(this.#acknowledged === this.id.bytes ? undefined : NOT_NEEDED)
  }

  #end(problem: string | undefined): void {
    if (this.#over) return
    this.stop()
    this.#parts.over(problem)
  }
}
