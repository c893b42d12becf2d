/** Bytes of a file that grow and shrink. What lies between an old and a new end reads as zeros. */
export class Content {
  // Invariant: bytes from `size` on are zero.
  #bytes: Uint8Array = new Uint8Array(0)
  #size = 0

  /** Length in bytes. */
  get size(): number {
    return this.#size
  }

  /** A copy of up to `length` bytes. */
  read(position: number, length: number): Uint8Array {
    return this.#bytes.slice(Math.min(position, this.#size), Math.min(position + length, this.#size))
  }

  /** Overwrites what lies within the present size; the rest of `bytes` is ignored. */
  overwrite(position: number, bytes: Uint8Array): void {
    const fits = this.#size - position
    if (fits > 0) this.#bytes.set(fits < bytes.byteLength ? bytes.subarray(0, fits) : bytes, position)
  }

  /** Cuts, or extends with zeros. */
  resize(size: number): void {
    if (size > this.#bytes.byteLength) {
      const grown = new Uint8Array(Math.max(size, 2 * this.#bytes.byteLength))
      grown.set(this.#bytes.subarray(0, this.#size))
      this.#bytes = grown
    } else if (size < this.#size) {
      this.#bytes.fill(0, size, this.#size)
    }
    this.#size = size
  }

  /** Flips the bits of `mask` in one byte; `false` when there is no such byte. */
  flip(position: number, mask: number): boolean {
    if (position >= this.#size) return false
    this.#bytes[position] = (this.#bytes[position] ?? 0) ^ mask
    return true
  }
}
