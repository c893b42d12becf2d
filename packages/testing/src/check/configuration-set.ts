/** Words that a set takes at most: half a gigabyte. */
const MOST_WORDS = 2 ** 27

/**
 * The set of configurations that a search has been in: whole numbers only, compared exactly. One flat array, open addressing with linear
 * probing; an entry is (position + 1, state, mask words…), and 0 in the first place means empty.
 */
export class ConfigurationSet {
  readonly #stride: number
  #slots: Int32Array
  #mask: number
  #size = 0

  /** Makes an empty set for masks of so many 32-bit words. */
  constructor(maskWords: number) {
    this.#stride = maskWords + 2
    this.#mask = 255
    this.#slots = new Int32Array(256 * this.#stride)
  }

  /** Whether it is as large as it may get: it must not be added to any more. */
  get full(): boolean {
    return this.#size * 2 + 2 > this.#mask && this.#slots.length * 2 > MOST_WORDS
  }

  /** Adds a configuration. `false`: it was there. */
  add(position: number, state: number, mask: Int32Array): boolean {
    const stride = this.#stride
    const slots = this.#slots
    let place = hash(position, state, mask, 0, mask.length) & this.#mask
    for (;;) {
      const base = place * stride
      const first = slots[base] as number
      if (first === 0) break
      if (first === position + 1 && slots[base + 1] === state && sameMask(slots, base + 2, mask)) return false
      place = (place + 1) & this.#mask
    }
    const base = place * stride
    slots[base] = position + 1
    slots[base + 1] = state
    for (let word = 0; word < mask.length; word += 1) slots[base + 2 + word] = mask[word] as number
    this.#size += 1
    if (this.#size * 2 > this.#mask) this.#grow()
    return true
  }

  #grow(): void {
    const old = this.#slots
    const stride = this.#stride
    this.#mask = this.#mask * 2 + 1
    const slots = new Int32Array((this.#mask + 1) * stride)
    for (let base = 0; base < old.length; base += stride) {
      const first = old[base] as number
      if (first === 0) continue
      let place = hash(first - 1, old[base + 1] as number, old, base + 2, stride - 2) & this.#mask
      while (slots[place * stride] !== 0) place = (place + 1) & this.#mask
      // Word by word: masks are short, and a call of `set` costs more than all of them.
      for (let word = 0; word < stride; word += 1) slots[place * stride + word] = old[base + word] as number
    }
    this.#slots = slots
  }
}

function sameMask(slots: Int32Array, start: number, mask: Int32Array): boolean {
  for (let word = 0; word < mask.length; word += 1) if (slots[start + word] !== mask[word]) return false
  return true
}

function hash(position: number, state: number, words: Int32Array, start: number, length: number): number {
  let mixed = Math.imul(position ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(state, 0xc2b2ae35)
  for (let word = start; word < start + length; word += 1) {
    mixed = Math.imul(mixed ^ (mixed >>> 15) ^ (words[word] as number), 0x2c1b3c6d)
  }
  mixed ^= mixed >>> 16
  return Math.imul(mixed, 0x297a2d39) ^ (mixed >>> 13)
}
