/** Numbers of 32 bits, the same ones for the same seed (xorshift). */
export function randomWords(seed: number): () => number {
  let state = seed | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}

/** Where hashing changes its way: around words, stripes and the switch to WebAssembly. */
const EDGES = [0, 4, 16, 28, 32, 64, 96, 144]

/**
 * Strings of 0 to 200 code units, 15 of 16 within two of an edge: a third ASCII alone, a third ASCII with one stranger in it, a third of all of
 * Unicode, halves of surrogate pairs included.
 */
export function* randomTexts(count: number, next: () => number): Generator<string> {
  const units = new Uint16Array(256)
  for (let made = 0; made < count; made++) {
    const random = next()
    const edge = EDGES[(random >>> 8) % EDGES.length] ?? 0
    const length = (random & 15) !== 0 ? Math.max(0, edge - 2 + ((random >>> 16) % 5)) : (random >>> 16) % 201
    const kind = made % 3
    for (let at = 0; at < length; at++) {
      const bits = next()
      units[at] = kind === 2 ? anyUnit(bits) : bits & 0x7f
    }
    if (kind === 1 && length > 0) units[next() % length] = anyUnit(next())
    yield String.fromCharCode.apply(null, units.subarray(0, length) as unknown as number[])
  }
}

/** One code unit of 1, 2 or 3 bytes, or half of a pair. */
function anyUnit(bits: number): number {
  switch (bits & 3) {
    case 0:
      return (bits >>> 16) & 0x7f
    case 1:
      return 0x80 + ((bits >>> 16) % 0x780)
    case 2:
      return 0x800 + ((bits >>> 16) % 0xf800)
    default:
      return 0xd800 + ((bits >>> 16) & 0x7ff)
  }
}
