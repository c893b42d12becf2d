import type { LogIndex } from './entry.ts'
import type { InflightBatches } from './inflight-batches.ts'
import type { Incarnation } from './incarnation.ts'

/**
 * What a leader knows of one follower's log.
 *
 * - `probe`: it does not know where the logs agree; one batch at a time until an answer tells.
 * - `replicate`: they agree up to `next - 1` or will once what is in flight arrives; batches are pipelined.
 * - `snapshot`: it needs entries that are gone, and is sent the snapshot that stands for them; no batches.
 *
 * Invariants: `0 <= match < next`; in `probe` nothing is in flight but the probe; in `snapshot` nothing is, and `next` is `match + 1`.
 */
export class Progress {
  /** Last index known to be durable at the follower and equal to ours. */
  match: LogIndex = 0
  /** Index of the next entry to send. */
  next: LogIndex
  /** Whether we pipeline, probe, or wait for a snapshot to arrive. */
  state: 'probe' | 'replicate' | 'snapshot' = 'probe'
  /** In `snapshot`: whether whoever sends it was told. */
  snapshotAsked = false
  /** In `probe`: a batch is out and unanswered. */
  probing = false
  /** Highest round that the follower has answered: it followed us after that round began. */
  round = 0
  /** Highest round that it answered with the promise of a lease. */
  leaseRound = 0
  /** Last clock reading that came with an answer of the follower. */
  echo = 0
  /** When it last answered in this term, on the leader's clock; at first, when the term was won. */
  heardAt: number
  /** How much it would like to lead. */
  priority = 0
  /** Which data this is about; 0 while that is not known. */
  incarnation: Incarnation
  /** Since when it has kept up without a break. */
  fitSince: number
  /** Batches that are pipelined. */
  readonly #inflight: InflightBatches

  constructor(next: LogIndex, inflight: InflightBatches, now: number, incarnation: Incarnation = 0) {
    this.next = next
    this.incarnation = incarnation
    this.heardAt = now
    this.fitSince = now
    this.#inflight = inflight
  }

  /** The follower has other data than this was about: nothing of that holds. */
  beginAnew(incarnation: Incarnation): void {
    this.incarnation = incarnation
    this.match = this.round = this.leaseRound = this.echo = this.priority = 0
    this.probeFrom(this.next)
  }

  /** Whether another batch may be sent. */
  get ready(): boolean {
    if (this.state === 'replicate') return this.#inflight.hasRoom
    return this.state === 'probe' && !this.probing
  }

  /** Bytes of the entries that were pipelined to it and are not acknowledged. */
  get inflightBytes(): number {
    return this.#inflight.bytes
  }

  /** Whether a batch of so many bytes may be sent, where one may be at all. */
  admits(bytes: number): boolean {
    return this.state !== 'replicate' || this.#inflight.admits(bytes)
  }

  /** Notes that a batch of so many bytes, ending at `last`, was sent. */
  sent(last: LogIndex, bytes: number): void {
    if (this.state === 'probe') {
      this.probing = true
      return
    }
    this.#inflight.push(last, bytes)
    this.next = last + 1
  }

  /** Notes that the follower holds everything up to `match` durably. Returns whether that is news. */
  acknowledge(match: LogIndex): boolean {
    this.#inflight.acknowledge(match)
    const news = match > this.match
    if (news) this.match = match
    if (this.next <= match) this.next = match + 1
    if (this.state === 'probe' && match >= this.next - 1) {
      this.state = 'replicate'
      this.probing = false
    }
    return news
  }

  /** Nothing is sent until the follower holds a snapshot. */
  needSnapshot(): void {
    if (this.state === 'snapshot') return
    this.state = 'snapshot'
    this.snapshotAsked = false
    this.probing = false
    this.#inflight.clear()
    this.next = this.match + 1
  }

  /** The follower does not hold `index` any more, nor what is behind it. */
  forgetFrom(index: LogIndex): void {
    this.match = Math.min(this.match, Math.max(0, index - 1))
    this.probeFrom(index)
  }

  /** Starts over from `next`: the follower lacks something that we took for sent. */
  probeFrom(next: LogIndex): void {
    this.state = 'probe'
    this.probing = false
    this.#inflight.clear()
    this.next = Math.max(next, this.match + 1)
  }
}
