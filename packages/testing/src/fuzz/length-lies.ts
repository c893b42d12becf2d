import type { Random } from '@colony/host'

/** Exponents of two around which lengths change their meaning: bytes of varints, signs, word sizes, exact doubles. */
const EXPONENTS: readonly number[] = [0, 7, 8, 14, 15, 16, 21, 24, 28, 31, 32, 35, 48, 53, 56, 63, 64]

const DIGIT_RUN = /[0-9]+/g

/** A number that a decoder may trip over: next to a power of two, or next to a length that the input really has. */
function boundary(random: Random, bytes: Uint8Array, at: number): bigint {
  const near = BigInt(random.integer(-2, 2))
  const kind = random.integer(0, 3)
  if (kind === 0) return BigInt.asUintN(64, BigInt(bytes.length) + near)
  if (kind === 1) return BigInt.asUintN(64, BigInt(bytes.length - at) + near)
  const exponent = EXPONENTS[random.integer(0, EXPONENTS.length - 1)] ?? 0
  return BigInt.asUintN(64, (1n << BigInt(exponent)) + near)
}

/** Writes a boundary value as a fixed-size integer over whatever stands at a random place. */
export function lieInFixed(random: Random, bytes: Uint8Array): Uint8Array {
  const width = [1, 2, 4, 8][random.integer(0, 3)] ?? 4
  const at = random.integer(0, Math.max(0, bytes.length - width))
  const word = new Uint8Array(8)
  new DataView(word.buffer).setBigUint64(0, boundary(random, bytes, at), false)
  const written = word.subarray(8 - width)
  if (random.integer(0, 1) === 1) written.reverse()
  const changed = bytes.slice()
  changed.set(written.subarray(0, Math.max(0, changed.length - at)), at)
  return changed
}

/** Replaces the varint (little-endian base 128) that may stand at a random place; one in eight is longer than it needs to be. */
export function lieInVarint(random: Random, bytes: Uint8Array): Uint8Array {
  const at = random.integer(0, Math.max(0, bytes.length - 1))
  let end = at
  while (end < bytes.length && (bytes[end] ?? 0) >= 0x80) end++
  const isPadded = random.integer(0, 7) === 0
  return replaced(bytes, at, end + 1, varint(boundary(random, bytes, end + 1), isPadded))
}

/** Replaces a run of decimal digits, as text formats have them. */
export function lieInDigits(random: Random, bytes: Uint8Array): Uint8Array {
  const text = latin1(bytes)
  const runs = [...text.matchAll(DIGIT_RUN)]
  const run = runs[random.integer(0, Math.max(0, runs.length - 1))]
  if (run === undefined) return lieInFixed(random, bytes)
  const value = boundary(random, bytes, run.index).toString()
  const sign = random.integer(0, 3) === 0 ? '-' : ''
  return replaced(bytes, run.index, run.index + run[0].length, new TextEncoder().encode(sign + value))
}

/** `bytes` with `between` in place of what stands from `start` up to `end`. */
export function replaced(bytes: Uint8Array, start: number, end: number, between: Uint8Array): Uint8Array {
  const tail = bytes.subarray(Math.min(end, bytes.length))
  const result = new Uint8Array(start + between.length + tail.length)
  result.set(bytes.subarray(0, start))
  result.set(between, start)
  result.set(tail, start + between.length)
  return result
}

function varint(value: bigint, isPadded: boolean): Uint8Array {
  const groups: number[] = []
  let rest = value
  do {
    groups.push(Number(rest & 0x7fn))
    rest >>= 7n
  } while (rest > 0n)
  if (isPadded) groups.push(0)
  return Uint8Array.from(groups, (group, index) => (index < groups.length - 1 ? group | 0x80 : group))
}

/** One character a byte, so that places in the text are places in the bytes. */
function latin1(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}
