/** Frame types that a client of unary calls meets (RFC 9113 section 6). */
export const FRAME = {
  data: 0,
  headers: 1,
  resetStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
} as const

/** Frame flags; ACK and END_STREAM share a bit, on different types. */
export const FLAG = { ack: 1, endStream: 1, endHeaders: 4 } as const

/** What a client says first on a connection. */
export const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'

/** Every frame begins with length, type, flags and stream. */
export const FRAME_HEADER_BYTES = 9

/** A whole frame. */
export function encodeFrame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payload.length)
  writeFrameHeader(frame, 0, payload.length, type, flags, stream)
  frame.set(payload, FRAME_HEADER_BYTES)
  return frame
}

/** Writes a frame's header at `at` and returns where its payload begins. */
export function writeFrameHeader(
  into: Buffer,
  at: number,
  length: number,
  type: number,
  flags: number,
  stream: number,
): number {
  into.writeUIntBE(length, at, 3)
  into[at + 3] = type
  into[at + 4] = flags
  into.writeUInt32BE(stream, at + 5)
  return at + FRAME_HEADER_BYTES
}

/** Receives the frames of a byte stream. The payload is a view, valid during the call. */
export type FrameListener = (type: number, flags: number, stream: number, payload: Buffer) => void

/** Cuts a byte stream, arriving in any pieces, into frames. */
export class FrameReader {
  readonly #listener: FrameListener
  #rest: Buffer = Buffer.alloc(0)

  constructor(listener: FrameListener) {
    this.#listener = listener
  }

  /** Takes the next piece. */
  push(piece: Buffer): void {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece])
    let at = 0
    while (bytes.length - at >= FRAME_HEADER_BYTES) {
      const end = at + FRAME_HEADER_BYTES + bytes.readUIntBE(at, 3)
      if (end > bytes.length) break
      const payload = bytes.subarray(at + FRAME_HEADER_BYTES, end)
      this.#listener(bytes[at + 3] ?? 0, bytes[at + 4] ?? 0, bytes.readUInt32BE(at + 5) & 0x7fffffff, payload)
      at = end
    }
    this.#rest = bytes.subarray(at)
  }
}

/**
 * The header blocks of many requests to one path (HPACK, RFC 7541). The first teaches the server's dynamic table, whose content
 * the client alone decides; every later one is six bytes of references.
 */
export function encodeHeaderBlocks(path: string, authority: string): { first: Buffer; later: Buffer } {
  const methodPost = 0x83
  const schemeHttp = 0x86
  const first = Buffer.concat([
    Buffer.of(methodPost, schemeHttp),
    Buffer.of(0x44), // :path, literal, to be indexed
    encodeHpackString(path),
    Buffer.of(0x41), // :authority
    encodeHpackString(authority),
    Buffer.of(0x5f), // content-type
    encodeHpackString('application/grpc'),
    Buffer.of(0x40), // a new name
    encodeHpackString('te'),
    encodeHpackString('trailers'),
  ])
  // The newest entry of the dynamic table is 62, so the four above are 65 to 62.
  return { first, later: Buffer.of(methodPost, schemeHttp, 0x80 | 65, 0x80 | 64, 0x80 | 63, 0x80 | 62) }
}

function encodeHpackString(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1')
  if (bytes.length > 126) throw new RangeError(`header value too long: ${text}`)
  return Buffer.concat([Buffer.of(bytes.length), bytes])
}
