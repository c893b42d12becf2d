import { replaced } from './length-lies.ts'

const EMPTY = new Uint8Array(0)

/**
 * The shortest input that can be reached by leaving ranges out (ever smaller ones: ddmin of Zeller and Hildebrandt, 2002), by emptying whatever looks as if its
 * length stood before it, and by putting zeros in place of what does not matter. Asks `fails` at most `looks` times, and stops when `ms`
 * milliseconds have passed.
 */
export async function minimise(
  input: Uint8Array,
  fails: (candidate: Uint8Array) => Promise<boolean>,
  looks: number,
  ms: number,
): Promise<Uint8Array> {
  let left = looks
  const deadline = performance.now() + ms
  const stillFails = async (candidate: Uint8Array): Promise<boolean> => {
    if (performance.now() > deadline) left = 0
    return left-- > 0 && (await fails(candidate))
  }
  let smallest = await withoutRanges(input, stillFails)
  const emptied = await withEmptyFields(smallest, stillFails)
  if (emptied.length < smallest.length) smallest = await withoutRanges(emptied, stillFails)
  return await withZeros(smallest, stillFails)
}

type StillFails = (candidate: Uint8Array) => Promise<boolean>

async function withoutRanges(input: Uint8Array, stillFails: StillFails): Promise<Uint8Array> {
  let smallest = input
  for (let size = Math.max(1, input.length >> 1); size >= 1; size >>= 1) {
    for (let at = smallest.length - size; at > -size; at -= size) {
      const candidate = replaced(smallest, Math.max(0, at), Math.min(smallest.length, at + size), EMPTY)
      if (candidate.length < smallest.length && (await stillFails(candidate))) smallest = candidate
    }
  }
  return smallest
}

/** Leaving out a part of a field would make its length a lie: the field goes as a whole, and its length becomes zero. */
async function withEmptyFields(input: Uint8Array, stillFails: StillFails): Promise<Uint8Array> {
  let smallest = input
  for (let at = 0; at < smallest.length; at++) {
    for (const { width, value, zeros } of lengthsAt(smallest, at)) {
      const end = at + width + value
      if (value === 0 || end > smallest.length) continue
      const candidate = replaced(smallest, at, end, new Uint8Array(zeros))
      if (!(await stillFails(candidate))) continue
      smallest = candidate
      break
    }
  }
  return smallest
}

/** A length that may be meant: in how many bytes it stands, and how many zeros say that there is nothing. */
interface LengthField {
  readonly width: number
  readonly value: number
  readonly zeros: number
}

/** What the bytes at `at` say as a varint of up to three bytes, and as two and four bytes in both orders. */
function lengthsAt(bytes: Uint8Array, at: number): readonly LengthField[] {
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(at, at + 4)
  const varint =
    a < 0x80
      ? { width: 1, value: a, zeros: 1 }
      : b < 0x80
        ? { width: 2, value: (a & 0x7f) | (b << 7), zeros: 1 }
        : { width: 3, value: (a & 0x7f) | ((b & 0x7f) << 7) | ((c & 0x7f) << 14), zeros: 1 }
  return [
    varint,
    { width: 2, value: (a << 8) | b, zeros: 2 },
    { width: 2, value: a | (b << 8), zeros: 2 },
    { width: 4, value: ((a << 24) | (b << 16) | (c << 8) | d) >>> 0, zeros: 4 },
    { width: 4, value: (a | (b << 8) | (c << 16) | (d << 24)) >>> 0, zeros: 4 },
  ]
}

async function withZeros(input: Uint8Array, stillFails: StillFails): Promise<Uint8Array> {
  let simplest = input
  for (let at = 0; at < simplest.length; at++) {
    if (simplest[at] === 0) continue
    const candidate = simplest.slice()
    candidate[at] = 0
    if (await stillFails(candidate)) simplest = candidate
  }
  return simplest
}
