import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Hello } from '../../src/core/hello.ts'
import { encodeHello, HelloReader, type HelloProgress } from '../../src/node/handshake.ts'

const HELLO: Hello = {
  clusterId: 'bänk',
  nodeId: 'n'.repeat(255),
  incarnation: '0123456789abcdef',
  maxFrameBytes: 2 ** 30,
  refusal: undefined,
}

function read(chunks: readonly Uint8Array[]): HelloProgress {
  const reader = new HelloReader()
  let progress: HelloProgress = { state: 'incomplete' }
  for (const chunk of chunks) {
    progress = reader.push(Buffer.from(chunk))
    if (progress.state !== 'incomplete') break
  }
  return progress
}

function refusalOf(progress: HelloProgress): string | undefined {
  return progress.state === 'refused' ? progress.refusal.reason : undefined
}

describe('hello', () => {
  it('comes back as it went, with what follows it', () => {
    const bytes = Buffer.concat([encodeHello(HELLO), Buffer.from('rest')])
    expect(read([bytes])).toEqual({ state: 'complete', hello: HELLO, rest: Buffer.from('rest') })
  })

  it('comes back byte by byte', () => {
    const bytes = encodeHello({ ...HELLO, refusal: 'wrong-certificate' })
    const progress = read([...bytes].map((byte) => Uint8Array.of(byte)))
    expect(progress).toMatchObject({ state: 'complete', hello: { refusal: 'wrong-certificate' } })
  })

  it('is refused at the first byte that is wrong', () => {
    const reader = new HelloReader()
    expect(reader.push(Buffer.from([0x89, 0x43])).state).toBe('incomplete')
    expect(refusalOf(reader.push(Buffer.from([0x00])))).toBe('bad-magic')
    expect(refusalOf(read([Buffer.from('G')]))).toBe('bad-magic')
  })

  it('tells TLS from garbage', () => {
    expect(read([Uint8Array.of(0x16, 3, 1)])).toMatchObject({
      refusal: { detail: expect.stringContaining('TLS') as string },
    })
  })

  it('of another version is refused, whatever its body', () => {
    const bytes = Buffer.from(encodeHello(HELLO))
    bytes.writeUInt32LE(2, 8)
    expect(refusalOf(read([bytes.subarray(0, 16)]))).toBe('wrong-version')
  })

  it('that announces a huge body is refused before the body comes', () => {
    const bytes = Buffer.from(encodeHello(HELLO))
    bytes.writeUInt32LE(4096, 12)
    expect(refusalOf(read([bytes.subarray(0, 16)]))).toBe('malformed-hello')
  })

  it.each([
    ['an empty cluster id', { clusterId: '' }],
    ['an empty node id', { nodeId: '' }],
    ['a node id of 256 bytes', { nodeId: 'n'.repeat(256) }],
  ])('with %s is refused', (_, fields) => {
    expect(refusalOf(read([encodeHello({ ...HELLO, ...fields })]))).toBe('malformed-hello')
  })

  it('may grow by fields that this version does not know', () => {
    const known = Buffer.from(encodeHello(HELLO))
    const grown = Buffer.concat([known, Buffer.from('new field')])
    grown.writeUInt32LE(known.length - 16 + 9, 12)
    expect(read([grown])).toMatchObject({ state: 'complete', hello: { nodeId: HELLO.nodeId } })
  })

  it('of any bytes gives an outcome, never an exception', () => {
    const header = encodeHello(HELLO).subarray(0, 12)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, framed) => {
        const length = Uint8Array.of(bytes.length, 0, 0, 0)
        const progress = read(framed ? [header, length, bytes] : [bytes])
        expect(['incomplete', 'complete', 'refused']).toContain(progress.state)
      }),
    )
  })
})
