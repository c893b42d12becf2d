import type { NodeId } from '@colony/host'

/** Sequence numbers before the newest one of a sender that are told apart; older ones count as seen. */
const WINDOW = 256
const WORD_BITS = 32

interface SeenOfSender {
  epoch: number
  /** The greatest sequence number seen. */
  newest: number
  /** Bit n mod {@link WINDOW}: whether number n was seen, for the window that ends at `newest`. */
  readonly bits: Uint32Array
}

/** What was seen of one sender: the newest number, and one bit for each of the 32 before it (bit 0: the one just before). */
export interface SeenHistory {
  readonly epoch: number
  readonly newest: number
  readonly before: number
}

/** How a message relates to what was seen. */
export type Sighting = 'new' | 'duplicate' | 'too-old'

/**
 * Which messages of which senders were seen, in bounded memory: for each sender a sliding window of sequence numbers in its newest life. Of more senders than there is
 * room for, the one that was silent for longest is forgotten.
 */
export class SeenMessages {
  readonly #maxSenders: number
  readonly #senders = new Map<NodeId, SeenOfSender>()

  constructor(maxSenders: number) {
    this.#maxSenders = maxSenders
  }

  /** How many senders are remembered. */
  get size(): number {
    return this.#senders.size
  }

  /** Remembers message `sequence` of the life `epoch` of `sender`, and says what it was. */
  see(sender: NodeId, epoch: number, sequence: number): Sighting {
    const seen = this.#touch(sender, epoch)
    if (epoch < seen.epoch) return 'too-old'
    if (epoch > seen.epoch) this.#beginLife(seen, epoch)
    if (sequence <= seen.newest - WINDOW) return 'too-old'
    if (sequence > seen.newest) this.#slide(seen, sequence)
    else if (isSet(seen.bits, sequence)) return 'duplicate'
    setBit(seen.bits, sequence)
    return 'new'
  }

  /** What was seen of a sender in its newest life; `undefined` when nothing was. */
  history(sender: NodeId): SeenHistory | undefined {
    const seen = this.#senders.get(sender)
    if (seen === undefined || seen.newest === 0) return undefined
    let before = 0
    for (let bit = 0; bit < WORD_BITS && seen.newest - 1 - bit > 0; bit++) {
      if (isSet(seen.bits, seen.newest - 1 - bit)) before |= 1 << bit
    }
    return { epoch: seen.epoch, newest: seen.newest, before: before >>> 0 }
  }

  /** Forgets a sender. */
  forget(sender: NodeId): void {
    this.#senders.delete(sender)
  }

  /** Finds or makes the sender's record and moves it to the end, where the most recent ones are. */
  #touch(sender: NodeId, epoch: number): SeenOfSender {
    let seen = this.#senders.get(sender)
    if (seen) this.#senders.delete(sender)
    else seen = { epoch, newest: 0, bits: new Uint32Array(WINDOW / WORD_BITS) }
    this.#senders.set(sender, seen)
    if (this.#senders.size > this.#maxSenders) {
      for (const oldest of this.#senders.keys()) {
        this.#senders.delete(oldest)
        break
      }
    }
    return seen
  }

  #beginLife(seen: SeenOfSender, epoch: number): void {
    seen.epoch = epoch
    seen.newest = 0
    seen.bits.fill(0)
  }

  /** Numbers that were passed over were not seen; the bit of the newest is set next. */
  #slide(seen: SeenOfSender, newest: number): void {
    if (newest - seen.newest >= WINDOW) seen.bits.fill(0)
    else for (let number = seen.newest + 1; number < newest; number++) clearBit(seen.bits, number)
    seen.newest = newest
  }
}

function isSet(bits: Uint32Array, number: number): boolean {
  const bit = number % WINDOW
  return (((bits[Math.floor(bit / WORD_BITS)] ?? 0) >>> (bit % WORD_BITS)) & 1) === 1
}

function setBit(bits: Uint32Array, number: number): void {
  const bit = number % WINDOW
  const word = Math.floor(bit / WORD_BITS)
  bits[word] = (bits[word] ?? 0) | (1 << (bit % WORD_BITS))
}

function clearBit(bits: Uint32Array, number: number): void {
  const bit = number % WINDOW
  const word = Math.floor(bit / WORD_BITS)
  bits[word] = (bits[word] ?? 0) & ~(1 << (bit % WORD_BITS))
}
