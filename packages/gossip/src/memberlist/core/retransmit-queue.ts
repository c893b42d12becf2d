import { PART_BYTES } from '../wire/compound.ts'

/** A message that is spread by being sent a few times to a few members. */
interface QueuedMessage {
  readonly bytes: Uint8Array
  /** What it is about: a later message about the same takes its place. */
  readonly about: string | undefined
  readonly done: (() => void) | undefined
  sent: number
  dropped: boolean
}

/** No message is shorter. */
const SHORTEST_BYTES = 4

/**
 * Messages that wait to be spread by piggyback. Those that were sent least often come first, and of these the newest: old news has had its chances, and
 * under load it is the new that is not known.
 */
export class RetransmitQueue {
  readonly #maxBytes: number
  /** By how often they were sent; each in order of arrival. */
  #tiers: QueuedMessage[][] = [[]]
  readonly #about = new Map<string, QueuedMessage>()
  #bytes = 0
  #dropped = 0

  /** @param maxBytes Most bytes that wait; beyond, what was sent most often and is oldest is dropped. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes
  }

  /** How many messages found no room. */
  get dropped(): number {
    return this.#dropped
  }

  /** Queues a message. `done` is called once it was sent as often as it should, or was overtaken or dropped. */
  add(bytes: Uint8Array, about?: string, done?: () => void): void {
    const older = about === undefined ? undefined : this.#about.get(about)
    if (older !== undefined) this.#remove(older)
    const message: QueuedMessage = { bytes, about, done, sent: 0, dropped: false }
    if (about !== undefined) this.#about.set(about, message)
    this.#tiers[0]?.push(message)
    this.#bytes += bytes.length
    while (this.#bytes > this.#maxBytes) this.#dropOne()
  }

  /** Takes whole messages of at most `budget` bytes in all, {@link PART_BYTES} for each included; those sent `limit` times are done. */
  take(budget: number, limit: number, into: Uint8Array[], maxParts: number): number {
    let left = budget
    const again: QueuedMessage[] = []
    for (const tier of this.#tiers) {
      for (let at = tier.length - 1; at >= 0 && into.length < maxParts; at--) {
        if (left < SHORTEST_BYTES + PART_BYTES) break
        const message = tier[at]
        if (message === undefined || message.dropped || message.bytes.length + PART_BYTES > left) continue
        left -= message.bytes.length + PART_BYTES
        into.push(message.bytes)
        tier.splice(at, 1)
        again.push(message)
      }
    }
    for (const message of again.reverse()) this.#sent(message, limit)
    return budget - left
  }

  #sent(message: QueuedMessage, limit: number): void {
    message.sent++
    if (message.sent >= limit) {
      this.#remove(message)
      return
    }
    while (this.#tiers.length <= message.sent) this.#tiers.push([])
    this.#tiers[message.sent]?.push(message)
  }

  #dropOne(): void {
    for (let sent = this.#tiers.length - 1; sent >= 0; sent--) {
      const oldest = this.#tiers[sent]?.[0]
      if (oldest === undefined) continue
      this.#dropped++
      this.#remove(oldest)
      return
    }
  }

  #remove(message: QueuedMessage): void {
    if (message.dropped) return
    message.dropped = true
    this.#bytes -= message.bytes.length
    const tier = this.#tiers[message.sent]
    const at = tier?.indexOf(message) ?? -1
    if (at >= 0) tier?.splice(at, 1)
    if (message.about !== undefined && this.#about.get(message.about) === message) {
      this.#about.delete(message.about)
    }
    message.done?.()
  }
}
