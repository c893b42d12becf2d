/**
 * SHA-1 of a text's UTF-8, in hexadecimal digits: the name by which a Redis server knows a script. Not for secrets. The platform's own is asynchronous, and not
 * everywhere.
 */
export function sha1(text: string): string {
  let state: State = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]
  const message = padded(new TextEncoder().encode(text))
  for (let start = 0; start < message.byteLength; start += 64) state = digest(state, message, start)
  return state.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
}

type State = readonly [number, number, number, number, number]

/** The message, one bit, zeros, and its length in bits: whole blocks of 64 bytes. */
function padded(bytes: Uint8Array): DataView {
  const blocks = new Uint8Array(64 * Math.ceil((bytes.length + 9) / 64))
  blocks.set(bytes)
  blocks[bytes.length] = 0x80
  const message = new DataView(blocks.buffer)
  message.setUint32(blocks.length - 4, bytes.length * 8)
  return message
}

function digest(state: State, message: DataView, start: number): State {
  const words = new DataView(new ArrayBuffer(80 * 4))
  const word = (index: number): number => words.getInt32(index * 4)
  for (let index = 0; index < 80; index++) {
    const next =
      index < 16
        ? message.getInt32(start + index * 4)
        : rotated(word(index - 3) ^ word(index - 8) ^ word(index - 14) ^ word(index - 16), 1)
    words.setInt32(index * 4, next)
  }
  let [a, b, c, d, e] = state
  for (let index = 0; index < 80; index++) {
    const next = (rotated(a, 5) + mixed(index, b, c, d) + e + word(index)) | 0
    e = d
    d = c
    c = rotated(b, 30)
    b = a
    a = next
  }
  return [(state[0] + a) | 0, (state[1] + b) | 0, (state[2] + c) | 0, (state[3] + d) | 0, (state[4] + e) | 0]
}

function mixed(index: number, b: number, c: number, d: number): number {
  if (index < 20) return ((b & c) | (~b & d)) + 0x5a827999
  if (index < 40) return (b ^ c ^ d) + 0x6ed9eba1
  if (index < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
  return (b ^ c ^ d) + 0xca62c1d6
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}
