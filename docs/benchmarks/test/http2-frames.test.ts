import { describe, expect, it } from 'vitest'
import { encodeFrame, FLAG, FRAME, FrameReader } from '../src/grpc/http2-frames.ts'

interface Seen {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: string
}

function readIn(pieces: readonly Buffer[]): Seen[] {
  const seen: Seen[] = []
  const reader = new FrameReader((type, flags, stream, payload) => {
    seen.push({ type, flags, stream, payload: payload.toString() })
  })
  for (const piece of pieces) reader.push(piece)
  return seen
}

describe('FrameReader', () => {
  const bytes = Buffer.concat([
    encodeFrame(FRAME.headers, FLAG.endHeaders, 1, Buffer.from('block')),
    encodeFrame(FRAME.data, FLAG.endStream, 0x7fffffff, Buffer.from('x'.repeat(70_000))),
    encodeFrame(FRAME.settings, FLAG.ack, 0, Buffer.alloc(0)),
  ])
  const whole = readIn([bytes])

  it('reads back what was written', () => {
    expect(whole).toEqual([
      { type: 1, flags: 4, stream: 1, payload: 'block' },
      { type: 0, flags: 1, stream: 0x7fffffff, payload: 'x'.repeat(70_000) },
      { type: 4, flags: 1, stream: 0, payload: '' },
    ])
  })

  it('does not care how the bytes were cut', () => {
    for (const size of [1, 8, 9, 10, 4096]) {
      const pieces: Buffer[] = []
      for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size))
      expect(readIn(pieces)).toEqual(whole)
    }
  })
})
