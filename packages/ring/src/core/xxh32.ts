import { utf8Bytes } from './utf8.ts'

// XXH32 (Y. Collet, xxHash specification 0.1.1), in plain numbers: `Math.imul` and shifts, nothing allocated. Strings are hashed as their
// UTF-8 bytes without those bytes ever being made; a surrogate without its other half counts as U+FFFD, as `TextEncoder` has it.

const P1 = 0x9e3779b1
const P2 = 0x85ebca77
const P3 = 0xc2b2ae3d
const P4 = 0x27d4eb2f
const P5 = 0x165667b1

const STRIPE_BYTES = 16

/**
 * XXH32 of bytes, or of the UTF-8 bytes of a string, as a signed number: from 2^31 on an unsigned one goes to the heap whenever it is passed between
 * functions, which would be every second lookup.
 */
export function pureSignedXxh32(data: string | Uint8Array, seed: number): number {
  return typeof data === 'string' ? signedXxh32String(data, seed) : signedXxh32Bytes(data, seed)
}

function signedXxh32Bytes(bytes: Uint8Array, seed: number): number {
  const { length } = bytes
  let at = 0
  let hash = (seed + P5) | 0
  if (length >= STRIPE_BYTES) {
    let a = (seed + P1 + P2) | 0
    let b = (seed + P2) | 0
    let c = seed | 0
    let d = (seed - P1) | 0
    const end = length - (length % STRIPE_BYTES)
    // The four lanes take turns: after every stripe each is in its place again.
    for (; at < end; at += 4) {
      const next = round(a, word(bytes, at))
      a = b
      b = c
      c = d
      d = next
    }
    hash = merge(a, b, c, d)
  }
  hash = (hash + length) | 0
  for (; at + 4 <= length; at += 4) hash = takeWord(hash, word(bytes, at))
  for (; at < length; at++) hash = takeByte(hash, bytes[at] ?? 0)
  return avalanche(hash)
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  )
}

/**
 * {@link pureSignedXxh32} of what is known to be a string.
 *
 * Written out, because the engine stops inlining into a function after so many instructions: as helpers, the reads of single characters and the
 * steps of the last bytes would remain calls, and take as long as the rest of the hash.
 */
export function signedXxh32String(text: string, seed: number): number {
  const { length } = text
  // Nearly every key is ASCII: then characters are bytes. Whether they all were is looked at once, in the end.
  let units = 0
  let at = 0
  let hash = (seed + P5) | 0
  if (length >= STRIPE_BYTES) {
    let a = (seed + P1 + P2) | 0
    let b = (seed + P2) | 0
    let c = seed | 0
    let d = (seed - P1) | 0
    const end = length - (length % STRIPE_BYTES)
    for (; at < end; at += 4) {
      const p = text.charCodeAt(at)
      const q = text.charCodeAt(at + 1)
      const r = text.charCodeAt(at + 2)
      const s = text.charCodeAt(at + 3)
      units |= p | q | r | s
      const next = round(a, p | (q << 8) | (r << 16) | (s << 24))
      a = b
      b = c
      c = d
      d = next
    }
    hash = merge(a, b, c, d)
  }
  hash = (hash + length) | 0
  for (; at + 4 <= length; at += 4) {
    const p = text.charCodeAt(at)
    const q = text.charCodeAt(at + 1)
    const r = text.charCodeAt(at + 2)
    const s = text.charCodeAt(at + 3)
    units |= p | q | r | s
    hash = (hash + Math.imul(p | (q << 8) | (r << 16) | (s << 24), P3)) | 0
    hash = Math.imul((hash << 17) | (hash >>> 15), P4)
  }
  for (; at < length; at++) {
    const unit = text.charCodeAt(at)
    units |= unit
    hash = (hash + Math.imul(unit, P5)) | 0
    hash = Math.imul((hash << 11) | (hash >>> 21), P1)
  }
  return units > 0x7f ? signedXxh32Bytes(utf8Bytes(text), seed) : avalanche(hash)
}

function round(accumulator: number, word: number): number {
  const sum = (accumulator + Math.imul(word, P2)) | 0
  return Math.imul((sum << 13) | (sum >>> 19), P1)
}

function merge(a: number, b: number, c: number, d: number): number {
  return (
    (((a << 1) | (a >>> 31)) +
      ((b << 7) | (b >>> 25)) +
      ((c << 12) | (c >>> 20)) +
      ((d << 18) | (d >>> 14))) |
    0
  )
}

function takeWord(hash: number, word: number): number {
  const sum = (hash + Math.imul(word, P3)) | 0
  return Math.imul((sum << 17) | (sum >>> 15), P4)
}

function takeByte(hash: number, byte: number): number {
  const sum = (hash + Math.imul(byte, P5)) | 0
  return Math.imul((sum << 11) | (sum >>> 21), P1)
}

function avalanche(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 15), P2)
  h = Math.imul(h ^ (h >>> 13), P3)
  return h ^ (h >>> 16)
}
