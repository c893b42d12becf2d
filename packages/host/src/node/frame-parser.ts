/**
 * Bytes of the length that precedes every frame: `u32 length | u8 channel bytes | channel | payload`, little-endian, where
 * `length` counts everything after itself. A channel of no bytes marks a control frame.
 */
export const LENGTH_BYTES = 4

/** What a frame carries beside its payload at most: the channel's length and a channel of 255 bytes. */
export const MAX_CHANNEL_PREFIX_BYTES = 256

/**
 * How a stream of frames can be broken. `oversized-frame`: a length above the limit, seen before anything was allocated.
 * `malformed-frame`: a length that no frame can have.
 */
export type FrameFault = 'oversized-frame' | 'malformed-frame'

/**
 * Receives each whole frame as the range `[start, end)` of `bytes`, without its length. Never called again once it has called
 * {@link FrameParser.stop}.
 */
export type FrameSink = (bytes: Buffer, start: number, end: number) => void

/** A frame up to this size is given its buffer at once; a longer one gets it as its bytes really come in. */
const EAGER_BYTES = 64 * 1024

/**
 * Cuts a byte stream into frames. A frame that lies within one chunk is handed on as a view of it (Node allocates every chunk
 * afresh, so nobody else writes to it); one that is spread over chunks is copied once into a buffer of its own.
 *
 * Invariant between calls: `bodyHave < length` when a length is known, and `headerHave < 4` when none is; there is a `body` exactly when
 * `bodyHave > 0`.
 */
export class FrameParser {
  readonly #maxLength: number
  readonly #sink: FrameSink
  readonly #header = new Uint8Array(LENGTH_BYTES)
  #headerHave = 0
  #length = 0
  #body: Buffer | undefined
  #bodyHave = 0
  #stopped = false

  /** `maxFrameBytes` bounds the payload. */
  constructor(maxFrameBytes: number, sink: FrameSink) {
    this.#maxLength = maxFrameBytes + MAX_CHANNEL_PREFIX_BYTES
    this.#sink = sink
  }

  /** From now on nothing more is handed to the sink. */
  stop(): void {
    this.#stopped = true
    this.#body = undefined
  }

  /** Takes the next bytes of the stream. A fault means that the stream is useless from here on. */
  push(chunk: Buffer): FrameFault | undefined {
    let at = 0
    while (at < chunk.length && !this.#stopped) {
      if (this.#length === 0) {
        at = this.#readLength(chunk, at)
        if (this.#headerHave < LENGTH_BYTES) return undefined
        this.#headerHave = 0
        if (this.#length === 0) return 'malformed-frame'
        if (this.#length > this.#maxLength) return 'oversized-frame'
        // A buffer made for bytes that are yet to come would be left behind for the next frame when they all come in one chunk.
        if (at === chunk.length) return undefined
      }
      const end = at + this.#length
      if (this.#bodyHave === 0 && end <= chunk.length) {
        this.#length = 0
        this.#sink(chunk, at, end)
        at = end
      } else {
        at = this.#gather(chunk, at)
      }
    }
    return undefined
  }

  #readLength(chunk: Buffer, at: number): number {
    if (this.#headerHave === 0 && chunk.length - at >= LENGTH_BYTES) {
      this.#headerHave = LENGTH_BYTES
      this.#length = chunk.readUInt32LE(at)
      return at + LENGTH_BYTES
    }
    while (at < chunk.length && this.#headerHave < LENGTH_BYTES) {
      this.#header[this.#headerHave++] = chunk[at++] ?? 0
    }
    if (this.#headerHave === LENGTH_BYTES) {
      const [a = 0, b = 0, c = 0, d = 0] = this.#header
      this.#length = (a | (b << 8) | (c << 16) | (d << 24)) >>> 0
    }
    return at
  }

  #gather(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#length - this.#bodyHave)
    const body = this.#reserve(this.#bodyHave + end - at)
    chunk.copy(body, this.#bodyHave, at, end)
    this.#bodyHave += end - at
    if (this.#bodyHave === this.#length) {
      this.#body = undefined
      this.#bodyHave = 0
      this.#length = 0
      this.#sink(body, 0, body.length)
    }
    return end
  }

  /**
   * Room for `bytes` of the frame under way. A sender is given memory only in proportion to what it really sent: a length that is
   * announced and never followed up costs 64 KiB, whatever it says.
   */
  #reserve(bytes: number): Buffer {
    const old = this.#body
    if (old !== undefined && bytes <= old.length) return old
    const body = Buffer.allocUnsafe(Math.min(this.#length, Math.max(EAGER_BYTES, bytes * 4)))
    old?.copy(body, 0, 0, this.#bodyHave)
    this.#body = body
    return body
  }
}
