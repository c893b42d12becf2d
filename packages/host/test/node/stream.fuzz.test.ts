import { fuzzDecoder, fuzzFromEnvironment } from '@colony/testing/fuzz'
import { expect, test } from 'vitest'
import { type Decoded, malformed } from '../../src/core/decoded.ts'
import { FrameParser, MAX_CHANNEL_PREFIX_BYTES, type FrameFault } from '../../src/node/frame-parser.ts'
import type { Hello } from '../../src/core/hello.ts'
import { encodeHello, HelloReader } from '../../src/node/handshake.ts'
import { wireFrame } from './tcp-world.ts'

const FILE = 'packages/host/test/node/stream.fuzz.test.ts'
const settings = fuzzFromEnvironment({ inputs: 2000 })
const timeout = 20_000 + 5 * settings.inputs
const MAX_FRAME_BYTES = 64 * 1024
/** Magic, version and length of a hello, and the most that it may announce. */
const HEADER_BYTES = 16
const MAX_BODY_BYTES = 2048

/** Pieces of a stream, as a network may cut it: one length after the other, over and over. */
function cut(bytes: Uint8Array, lengths: readonly number[]): Buffer[] {
  const chunks: Buffer[] = []
  for (let at = 0, nth = 0; at < bytes.length; nth++) {
    const length = lengths[nth % lengths.length] ?? 1
    chunks.push(Buffer.from(bytes.subarray(at, at + length)))
    at += length
  }
  return chunks
}

const CUTS: readonly (readonly number[])[] = [[2 ** 30], [1], [7, 1, 60]]

interface Stream {
  readonly frames: readonly string[]
  readonly fault?: FrameFault
}

function parse(chunks: readonly Buffer[]): Stream {
  const frames: string[] = []
  const parser = new FrameParser(MAX_FRAME_BYTES, (bytes, start, end) => {
    frames.push(bytes.toString('latin1', start, end))
  })
  for (const chunk of chunks) {
    const fault = parser.push(chunk)
    if (fault !== undefined) return { frames, fault }
  }
  return { frames }
}

/** What a parser has to find in a stream that lies there whole. */
function expected(bytes: Buffer): Stream {
  const frames: string[] = []
  for (let at = 0; at + 4 <= bytes.length;) {
    const length = bytes.readUInt32LE(at)
    if (length === 0) return { frames, fault: 'malformed-frame' }
    if (length > MAX_FRAME_BYTES + MAX_CHANNEL_PREFIX_BYTES) return { frames, fault: 'oversized-frame' }
    const end = at + 4 + length
    if (end <= bytes.length) frames.push(bytes.toString('latin1', at + 4, end))
    at = end
  }
  return { frames }
}

/** The same must come out however the stream is cut. */
function parseEveryWay(bytes: Uint8Array): Stream {
  const stream = expected(Buffer.from(bytes))
  for (const lengths of CUTS) {
    const found = parse(cut(bytes, lengths))
    if (JSON.stringify(found) !== JSON.stringify(stream)) {
      throw new Error(`cut by ${lengths.join()}, the stream has other frames`)
    }
  }
  return stream
}

test('streams of frames of any bytes', { timeout }, async () => {
  const hello = wireFrame('raft', Buffer.from('hello'))
  const report = await fuzzDecoder({
    ...settings,
    name: 'tcp frames',
    file: FILE,
    test: 'streams of frames of any bytes',
    corpus: [
      hello,
      wireFrame('', Buffer.of(1)),
      Buffer.concat([hello, wireFrame('bank', Buffer.alloc(300, 7)), wireFrame('x', Buffer.alloc(0))]),
    ],
    decode: parseEveryWay,
    shape: ({ frames, fault }) => `${Math.min(frames.length, 4)} frames, ${fault ?? 'no fault'}`,
    // A stream that is announced and does not come costs 64 KiB, in each of three readings.
    memory: { baseBytes: 512 * 1024 },
  })
  expect(report.outcomes).toBeGreaterThan(6)
})

const HELLOS: readonly Hello[] = [
  {
    clusterId: 'bänk',
    nodeId: 'n'.repeat(255),
    incarnation: '0123456789abcdef',
    maxFrameBytes: 2 ** 30,
    refusal: undefined,
  },
  {
    clusterId: 'c',
    nodeId: 'a',
    incarnation: 'ffffffffffffffff',
    maxFrameBytes: 1,
    refusal: 'refused-by-peer',
  },
]

interface Introduction {
  readonly hello: Hello
  readonly rest: string
}

function requireNames({ clusterId, nodeId }: Hello): void {
  const lengths = [clusterId, nodeId].map((name) => Buffer.byteLength(name))
  if (lengths.some((length) => length < 1 || length > 255))
    throw new Error('a name that is none was accepted')
}

function introduce(chunks: readonly Buffer[]): Decoded<Introduction> {
  const reader = new HelloReader()
  for (const [nth, chunk] of chunks.entries()) {
    const progress = reader.push(chunk)
    if (progress.state === 'refused')
      return malformed(`${progress.refusal.reason}: ${progress.refusal.detail}`)
    if (progress.state === 'complete') {
      requireNames(progress.hello)
      const rest = Buffer.concat([progress.rest, ...chunks.slice(nth + 1)]).toString('latin1')
      return { ok: true, value: { hello: progress.hello, rest } }
    }
  }
  const bytes = Buffer.concat(chunks)
  if (bytes.length >= HEADER_BYTES && bytes.readUInt32LE(HEADER_BYTES - 4) > MAX_BODY_BYTES) {
    throw new Error('a hello is waited for that nobody may send')
  }
  return malformed('incomplete')
}

/** Only what a refusal says may depend on how the stream is cut: garbage is shown as far as it has come. */
function introduceEveryWay(bytes: Uint8Array): Decoded<Introduction> {
  const [whole, ...others] = CUTS.map((lengths) => introduce(cut(bytes, lengths)))
  for (const other of others) {
    const isSame = whole?.ok === true ? JSON.stringify(other) === JSON.stringify(whole) : !other.ok
    if (!isSame) throw new Error('a hello depends on how the stream is cut')
  }
  return whole as Decoded<Introduction>
}

test('hellos of any bytes', { timeout }, async () => {
  const report = await fuzzDecoder({
    ...settings,
    name: 'tcp hello',
    file: FILE,
    test: 'hellos of any bytes',
    corpus: [...HELLOS.map(encodeHello), Buffer.concat([...HELLOS.map(encodeHello)])],
    decode: introduceEveryWay,
    encode: ({ hello, rest }) => Buffer.concat([encodeHello(hello), Buffer.from(rest, 'latin1')]),
    memory: { baseBytes: 1024 * 1024 },
  })
  expect(report.values).toBeGreaterThan(report.inputs / 20)
})
