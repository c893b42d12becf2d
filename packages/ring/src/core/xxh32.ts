import { MAX_UNIT_BYTES, writeUtf8 } from './utf8.ts'

// XXH32 (Y. Collet, xxHash specification 0.1.1), in plain numbers: `Math.imul` and shifts, nothing allocated. Strings are hashed as their
// UTF-8 bytes without those bytes ever being made; a surrogate without its other half counts as U+FFFD, as `TextEncoder` has it.

const P1 = 0x9e3779b1
const P2 = 0x85ebca77
const P3 = 0xc2b2ae3d
const P4 = 0x27d4eb2f
const P5 = 0x165667b1

const STRIPE_BYTES = 16

/** XXH32 of bytes: 0 to 2^32 - 1. */
export function xxh32Bytes(bytes: Uint8Array, seed: number): number {
  const { length } = bytes
  let at = 0
  let hash = (seed + P5) | 0
  if (length >= STRIPE_BYTES) {
    let a = (seed + P1 + P2) | 0
    let b = (seed + P2) | 0
    let c = seed | 0
    let d = (seed - P1) | 0
    for (; at + STRIPE_BYTES <= length; at += STRIPE_BYTES) {
      a = round(a, word(bytes, at))
      b = round(b, word(bytes, at + 4))
      c = round(c, word(bytes, at + 8))
      d = round(d, word(bytes, at + 12))
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

/** XXH32 of the UTF-8 bytes of a string: 0 to 2^32 - 1. */
export function xxh32String(text: string, seed: number): number {
  const { length } = text
  // Nearly every key is ASCII: then characters are bytes. The first character that is not sends the string the other way.
  let at = 0
  let hash = (seed + P5) | 0
  if (length >= STRIPE_BYTES) {
    let a = (seed + P1 + P2) | 0
    let b = (seed + P2) | 0
    let c = seed | 0
    let d = (seed - P1) | 0
    for (; at + STRIPE_BYTES <= length; at += STRIPE_BYTES) {
      const u = asciiWord(text, at)
      const v = asciiWord(text, at + 4)
      const w = asciiWord(text, at + 8)
      const x = asciiWord(text, at + 12)
      if ((u | v | w | x) === NOT_ASCII) return xxh32Utf8(text, seed)
      a = round(a, u)
      b = round(b, v)
      c = round(c, w)
      d = round(d, x)
    }
    hash = merge(a, b, c, d)
  }
  hash = (hash + length) | 0
  for (; at + 4 <= length; at += 4) {
    const word = asciiWord(text, at)
    if (word === NOT_ASCII) return xxh32Utf8(text, seed)
    hash = takeWord(hash, word)
  }
  for (; at < length; at++) {
    const unit = text.charCodeAt(at)
    if (unit > 0x7f) return xxh32Utf8(text, seed)
    hash = takeByte(hash, unit)
  }
  return avalanche(hash)
}

/** No four ASCII characters make this word: each has its highest bit clear. And whatever is or-ed to it stays it. */
const NOT_ASCII = -1

function asciiWord(text: string, at: number): number {
  const a = text.charCodeAt(at)
  const b = text.charCodeAt(at + 1)
  const c = text.charCodeAt(at + 2)
  const d = text.charCodeAt(at + 3)
  return (a | b | c | d) > 0x7f ? NOT_ASCII : a | (b << 8) | (c << 16) | (d << 24)
}

let scratch = new Uint8Array(256)

function xxh32Utf8(text: string, seed: number): number {
  const room = text.length * MAX_UNIT_BYTES
  if (scratch.length < room) scratch = new Uint8Array(room)
  return xxh32Bytes(scratch.subarray(0, writeUtf8(text, scratch)), seed)
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
  return (h ^ (h >>> 16)) >>> 0
}
