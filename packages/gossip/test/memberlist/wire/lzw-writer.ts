/** Compresses as Go's `compress/lzw` does (least significant bit first, literals of 8 bits): the counterpart that only tests need. */
export function compressLzw(input: Uint8Array): Uint8Array {
  const output: number[] = []
  let bits = 0
  let held = 0
  let width = 9
  const write = (code: number): void => {
    bits |= code << held
    held += width
    while (held >= 8) {
      output.push(bits & 0xff)
      bits >>>= 8
      held -= 8
    }
  }
  write(256)
  const table = new Map<number, number>()
  let next = 258
  let current = -1
  // The writer learns a code one step before the reader: it grows when the reader has learned it.
  const learned = (): void => {
    next++
    if (next - 1 === 1 << width && width < 12) width++
    if (next - 1 === 4095) {
      write(256)
      table.clear()
      next = 258
      width = 9
    }
  }
  for (const byte of input) {
    if (current < 0) {
      current = byte
      continue
    }
    const known = table.get(current * 256 + byte)
    if (known !== undefined) {
      current = known
      continue
    }
    write(current)
    table.set(current * 256 + byte, next)
    learned()
    current = byte
  }
  if (current >= 0) {
    write(current)
    if (next === 1 << width && width < 12) width++
  }
  write(257)
  if (held > 0) output.push(bits & 0xff)
  return Uint8Array.from(output)
}
