import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { FrameBatch } from '../../src/node/frame-batch.ts'
import { wireFrame } from './tcp-world.ts'

const PREFIX = Uint8Array.from([2, 0x63, 0x68])

/** A stream that keeps what it is given, by reference. */
function sink(): { stream: Writable; chunks: Buffer[]; writes: () => number } {
  const chunks: Buffer[] = []
  let writes = 0
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      writes++
      chunks.push(chunk)
      done()
    },
    writev(list, done) {
      writes++
      chunks.push(...list.map(({ chunk }) => chunk as Buffer))
      done()
    },
  })
  return { stream, chunks, writes: () => writes }
}

describe('FrameBatch', () => {
  it('writes what it holds as one write, byte for byte', () => {
    const payloads = [0, 1, 64, 1024, 1025, 5000, 7, 70_000, 300].map((size, i) => Buffer.alloc(size, i + 1))
    const batch = new FrameBatch()
    for (const payload of payloads) batch.append(PREFIX, payload)
    const expected = Buffer.concat(payloads.map((payload) => wireFrame('ch', payload)))
    expect(batch.bytes).toBe(expected.length)
    const { stream, chunks, writes } = sink()
    batch.writeTo(stream)
    expect(writes()).toBe(1)
    expect(Buffer.concat(chunks).equals(expected)).toBe(true)
    expect(batch.bytes).toBe(0)
  })

  it('copies small frames and hands large ones on as they are', () => {
    const [small, large] = [Buffer.alloc(1024), Buffer.alloc(1025)]
    const batch = new FrameBatch()
    batch.append(PREFIX, small)
    batch.append(PREFIX, large)
    const { stream, chunks } = sink()
    batch.writeTo(stream)
    expect(chunks.some((chunk) => chunk.buffer === large.buffer && chunk.length === large.length)).toBe(true)
    expect(chunks.some((chunk) => chunk.buffer === small.buffer)).toBe(false)
  })

  it('never changes bytes that it has handed over', () => {
    const batch = new FrameBatch()
    const { stream, chunks } = sink()
    const expected: Buffer[] = []
    for (let i = 0; i < 2000; i++) {
      const payload = Buffer.alloc(i % 200, i)
      batch.append(PREFIX, payload)
      expected.push(wireFrame('ch', payload))
      if (i % 7 === 0) batch.writeTo(stream)
    }
    batch.writeTo(stream)
    expect(Buffer.concat(chunks).equals(Buffer.concat(expected))).toBe(true)
  })

  it('uses its slab again once the socket is done with it, and not before', async () => {
    const written: { chunk: Buffer; done: () => void }[] = []
    const stream = new Writable({ write: (chunk: Buffer, _, done) => void written.push({ chunk, done }) })
    const batch = new FrameBatch()
    const places: number[] = []
    const send = (byte: number): void => {
      batch.append(PREFIX, Buffer.alloc(10, byte))
      batch.writeTo(stream)
    }
    const finish = async (): Promise<void> => {
      written.at(-1)?.done()
      await new Promise((resolve) => setImmediate(resolve))
      places.push(written.at(-1)?.chunk.byteOffset ?? -1)
    }
    send(1)
    send(2)
    places.push(written[0]?.chunk.byteOffset ?? -1)
    await finish()
    expect(written[1]?.chunk.equals(wireFrame('ch', Buffer.alloc(10, 2)))).toBe(true)
    await finish()
    send(3)
    await finish()
    const frameBytes = wireFrame('ch', Buffer.alloc(10)).length
    // The second could not take the place of the first, which was still being written; the third begins anew.
    expect(places).toEqual([0, frameBytes, frameBytes, 0])
    expect(written[2]?.chunk.buffer).toBe(written[0]?.chunk.buffer)
  })

  it('forgets what was cleared', () => {
    const batch = new FrameBatch()
    batch.append(PREFIX, Buffer.alloc(10, 1))
    batch.append(PREFIX, Buffer.alloc(2000, 1))
    batch.clear()
    batch.append(PREFIX, Buffer.alloc(3, 2))
    const { stream, chunks } = sink()
    batch.writeTo(stream)
    expect(Buffer.concat(chunks).equals(wireFrame('ch', Buffer.alloc(3, 2)))).toBe(true)
  })

  it('writes nothing when it holds nothing', () => {
    const { stream, writes } = sink()
    new FrameBatch().writeTo(stream)
    expect(writes()).toBe(0)
  })
})
