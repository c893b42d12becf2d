import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { FrameParser, type FrameFault } from '../../src/node/frame-parser.ts'
import { wireFrame } from './tcp-world.ts'

function parse(
  chunks: readonly Buffer[],
  maxFrameBytes = 1024,
): { frames: string[]; fault: FrameFault | undefined } {
  const frames: string[] = []
  const parser = new FrameParser(maxFrameBytes, (bytes, start, end) => {
    frames.push(bytes.toString('hex', start, end))
  })
  let fault: FrameFault | undefined
  for (const chunk of chunks) fault ??= parser.push(chunk)
  return { frames, fault }
}

function head(length: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(length)
  return bytes
}

describe('FrameParser', () => {
  it('finds the same frames however the stream is cut', () => {
    const payloads = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 })
    const cuts = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 50 })
    fc.assert(
      fc.property(payloads, cuts, (frames, sizes) => {
        const stream = Buffer.concat(frames.map((payload) => wireFrame('ch', payload)))
        const chunks: Buffer[] = []
        for (let at = 0, i = 0; at < stream.length; i++) {
          const size = sizes[i % sizes.length] ?? 1
          chunks.push(Buffer.from(stream.subarray(at, at + size)))
          at += size
        }
        const expected = frames.map((payload) => wireFrame('ch', payload).subarray(4).toString('hex'))
        expect(parse(chunks)).toEqual({ frames: expected, fault: undefined })
      }),
    )
  })

  it('finds frames in a stream that comes byte by byte', () => {
    const stream = Buffer.concat([wireFrame('ch', Buffer.from([1, 2])), wireFrame('x', Buffer.alloc(0))])
    const { frames } = parse([...stream].map((byte) => Buffer.from([byte])))
    expect(frames).toEqual(['0263680102', '0178'])
  })

  it('does not mix up frames when one chunk ends right behind a length', () => {
    const long = wireFrame('ch', Buffer.alloc(200, 1))
    const short = wireFrame('ch', Buffer.from([2, 3]))
    const stream = Buffer.concat([long, short])
    const cuts = [4, long.length + 6, stream.length]
    const chunks = cuts.map((end, at) => stream.subarray(cuts[at - 1] ?? 0, end))
    const { frames } = parse(chunks)
    expect(frames).toEqual([long, short].map((frame) => frame.subarray(4).toString('hex')))
  })

  it('hands on a view of the chunk, not a copy, for a frame within one chunk', () => {
    const chunk = Buffer.concat([wireFrame('ch', Buffer.from([1])), wireFrame('ch', Buffer.from([2]))])
    const seen: Buffer[] = []
    const parser = new FrameParser(1024, (bytes) => {
      seen.push(bytes)
    })
    parser.push(chunk)
    expect(seen).toHaveLength(2)
    expect(seen.every((bytes) => bytes === chunk)).toBe(true)
  })

  it('does not touch the bytes of a frame again that it has handed on', () => {
    const kept: Buffer[] = []
    const parser = new FrameParser(1024, (bytes, start, end) => {
      kept.push(bytes.subarray(start, end))
    })
    for (const value of [1, 2, 3]) {
      const stream = wireFrame('ch', Buffer.alloc(100, value))
      parser.push(Buffer.from(stream.subarray(0, 50)))
      parser.push(Buffer.from(stream.subarray(50)))
    }
    expect(kept.map((bytes) => bytes.subarray(3).every((byte, _, all) => byte === all[0]))).toEqual([
      true,
      true,
      true,
    ])
    expect(kept.map((bytes) => bytes[10])).toEqual([1, 2, 3])
  })

  it.each([
    ['in one chunk', [head(1024 + 257)]],
    ['byte by byte', [...head(0xffffffff)].map((byte) => Buffer.from([byte]))],
  ])('refuses a frame above the limit by its length alone, %s', (_, chunks) => {
    const allocate = vi.spyOn(Buffer, 'allocUnsafe')
    expect(parse(chunks).fault).toBe('oversized-frame')
    expect(allocate).not.toHaveBeenCalled()
    allocate.mockRestore()
  })

  it('takes a frame at the limit', () => {
    expect(parse([wireFrame('x'.repeat(255), Buffer.alloc(1024))]).frames).toHaveLength(1)
  })

  it('refuses a frame of no bytes', () => {
    expect(parse([head(0)]).fault).toBe('malformed-frame')
  })

  it('gives memory only for bytes that really came', () => {
    const allocate = vi.spyOn(Buffer, 'allocUnsafe')
    parse([head(100 * 1024 * 1024), Buffer.alloc(10)], 128 * 1024 * 1024)
    const allocated = allocate.mock.calls.reduce((sum, [size]) => sum + size, 0)
    allocate.mockRestore()
    expect(allocated).toBeGreaterThan(0)
    expect(allocated).toBeLessThanOrEqual(64 * 1024)
  })

  it('puts a frame of many chunks together', () => {
    const payload = Buffer.from(Array.from({ length: 500_000 }, (_, i) => i % 251))
    const stream = wireFrame('ch', payload)
    const chunks = Array.from({ length: Math.ceil(stream.length / 60_000) }, (_, i) =>
      Buffer.from(stream.subarray(i * 60_000, (i + 1) * 60_000)),
    )
    expect(parse(chunks, 1 << 20).frames).toEqual([stream.subarray(4).toString('hex')])
  })

  it('hands on nothing after it was stopped, not even from the same chunk', () => {
    let count = 0
    const parser: FrameParser = new FrameParser(1024, () => {
      count++
      parser.stop()
    })
    parser.push(Buffer.concat([wireFrame('ch', Buffer.alloc(1)), wireFrame('ch', Buffer.alloc(1))]))
    parser.push(wireFrame('ch', Buffer.alloc(1)))
    expect(count).toBe(1)
  })
})
