import type { LogIndex } from './entry.ts'

/**
 * Batches that were sent to one follower and are not acknowledged yet, oldest first: at most so many, and of at most so many bytes together. Two rings side by
 * side, so that sending costs no allocation.
 */
export class InflightBatches {
  /** Last index of each. */
  readonly #ends: number[]
  readonly #sizes: number[]
  readonly #maxBatches: number
  readonly #maxBytes: number
  #oldest = 0
  #count = 0
  #bytes = 0
  /** The next batch did not fit, and nothing has changed since: it need not be measured again. */
  #full = false

  constructor(maxBatches: number, maxBytes: number) {
    this.#maxBatches = maxBatches
    this.#maxBytes = maxBytes
    this.#ends = new Array<number>(maxBatches).fill(0)
    this.#sizes = new Array<number>(maxBatches).fill(0)
  }

  /** Bytes of all of them. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether there may be room for another one; how large it is decides. */
  get hasRoom(): boolean {
    return this.#count < this.#maxBatches && !this.#full
  }

  /** Whether there is room for a batch of so many bytes. One that is larger than all that may be under way goes alone. */
  admits(bytes: number): boolean {
    this.#full = this.#count > 0 && this.#bytes + bytes > this.#maxBytes
    return !this.#full
  }

  /** One that ends at `last` was sent. */
  push(last: LogIndex, bytes: number): void {
    const place = (this.#oldest + this.#count) % this.#maxBatches
    this.#ends[place] = last
    this.#sizes[place] = bytes
    this.#count++
    this.#bytes += bytes
  }

  /** Everything up to `match` arrived, and is durable there. */
  acknowledge(match: LogIndex): void {
    while (this.#count > 0 && (this.#ends[this.#oldest] ?? 0) <= match) {
      this.#bytes -= this.#sizes[this.#oldest] ?? 0
      this.#oldest = (this.#oldest + 1) % this.#maxBatches
      this.#count--
      this.#full = false
    }
  }

  /** None of them counts any more. */
  clear(): void {
    this.#count = 0
    this.#bytes = 0
    this.#full = false
  }
}
