/** Folds numbers, bytes and text into 64 bits (two independent 32-bit lanes), fast enough to take in every event of a simulation. */
export class TraceHash {
  #low = 0x9747b28c | 0
  #high = 0x3c6ef372 | 0

  /** Folds in a number's lower 32 bits. */
  word(value: number): void {
    const low = Math.imul(this.#low ^ value, 0x85ebca6b)
    this.#low = low ^ (low >>> 15)
    const high = Math.imul(((this.#high << 7) | (this.#high >>> 25)) + value, 0xc2b2ae35)
    this.#high = high ^ (high >>> 13)
  }

  /** Folds in a whole number up to 2^53. */
  integer(value: number): void {
    this.word(value | 0)
    this.word((value / 4_294_967_296) | 0)
  }

  /** Folds in text, with its length. */
  text(value: string): void {
    this.word(value.length)
    for (let index = 0; index < value.length; index += 1) this.word(value.charCodeAt(index))
  }

  /** Everything so far, as 16 hexadecimal digits. */
  hex(): string {
    return hex32(this.#high) + hex32(this.#low)
  }
}

function hex32(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0')
}

/** A 32-bit hash of bytes: MurmurHash3 (Appleby), four at a time. */
export function hashBytes(bytes: Uint8Array): number {
  const length = bytes.length
  let hash = length
  let index = 0
  for (; index + 4 <= length; index += 4) {
    hash = mixWord(
      hash,
      (bytes[index] as number) |
        ((bytes[index + 1] as number) << 8) |
        ((bytes[index + 2] as number) << 16) |
        ((bytes[index + 3] as number) << 24),
    )
  }
  let rest = 0
  for (; index < length; index += 1) rest = (rest << 8) | (bytes[index] as number)
  return avalanche(mixWord(hash, rest))
}

/** The finaliser of MurmurHash3: every bit flips every other with probability near one half. */
export function avalanche(value: number): number {
  const first = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  const second = Math.imul(first ^ (first >>> 13), 0xc2b2ae35)
  return second ^ (second >>> 16)
}

function mixWord(hash: number, word: number): number {
  let mixed = Math.imul(word, 0xcc9e2d51)
  mixed = Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593)
  mixed ^= hash
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0
}
