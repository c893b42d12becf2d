import type { NodeId } from '@colony/host'

const WORD_BITS = 32

/** Numbers for members, given out as they are first named: so that sets of them take a bit each. */
export class PeerNumbers {
  readonly #numbers = new Map<NodeId, number>()

  /** How many have a number. */
  get size(): number {
    return this.#numbers.size
  }

  /** The member's number; the next free one when it has none. */
  number(id: NodeId): number {
    let number = this.#numbers.get(id)
    if (number === undefined) {
      number = this.#numbers.size
      this.#numbers.set(id, number)
    }
    return number
  }

  /** Forgets all; sets made before mean nothing any more. */
  clear(): void {
    this.#numbers.clear()
  }
}

/** A set of members, a bit each: a thousand broadcasts under way in a cluster of a thousand would take 40 MB as sets of strings, and take 128 KB so. */
export class PeerSet {
  readonly #numbers: PeerNumbers
  #words = new Uint32Array(1)
  #size = 0

  constructor(numbers: PeerNumbers) {
    this.#numbers = numbers
  }

  get size(): number {
    return this.#size
  }

  has(id: NodeId): boolean {
    const number = this.#numbers.number(id)
    return (((this.#words[Math.floor(number / WORD_BITS)] ?? 0) >>> (number % WORD_BITS)) & 1) === 1
  }

  /** Whether it was not in the set before. */
  add(id: NodeId): boolean {
    if (this.has(id)) return false
    const number = this.#numbers.number(id)
    const word = Math.floor(number / WORD_BITS)
    if (word >= this.#words.length) {
      const larger = new Uint32Array(Math.max(word + 1, 2 * this.#words.length))
      larger.set(this.#words)
      this.#words = larger
    }
    this.#words[word] = (this.#words[word] ?? 0) | (1 << (number % WORD_BITS))
    this.#size++
    return true
  }
}
