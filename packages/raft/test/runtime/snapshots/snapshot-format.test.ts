import { createRandom, crc32, decoded, malformed } from '@colony/host'
import { fuzzDecoder, fuzzFromEnvironment } from '@colony/testing/fuzz'
import { describe, expect, it, test } from 'vitest'
import { foundingMembership } from '../../../src/core/membership.ts'
import { NOTHING_REMEMBERED, type Remembered } from '../../../src/runtime/remembered.ts'
import type { RememberedKey } from '../../../src/runtime/remembered-keys.ts'
import type { RememberedSession } from '../../../src/runtime/remembered-sessions.ts'
import { IncomingSnapshot } from '../../../src/runtime/snapshots/incoming-snapshot.ts'
import { SnapshotEncoder } from '../../../src/runtime/snapshots/snapshot-encoder.ts'
import { SnapshotParser } from '../../../src/runtime/snapshots/snapshot-parser.ts'

const META = { index: 900, term: 7, membership: foundingMembership(['a', 'b', 'c']) }
const FILE = 'packages/raft/test/runtime/snapshots/snapshot-format.test.ts'

function remembered(count: number, time = 0): RememberedKey[] {
  return Array.from({ length: count }, (_, at) => ({
    ...{ key: `key ${at}`, index: at + 1, fingerprint: at * 77_777, time: time && time + at },
    result: at % 5 === 0 ? undefined : new Uint8Array(10).fill(at),
  }))
}

function summary({ key, index, fingerprint, result, time }: RememberedKey): string {
  return `${key} ${index} ${fingerprint} ${time} ${result === undefined ? '' : crc32(result)}`
}

/** Log time, and a session with and one without results. */
const TIMED: Pick<Remembered, 'time' | 'limits' | 'sessions'> = {
  time: 123_456,
  limits: { keysExpireAfterMs: 1000, sessionsExpireAfterMs: 2000, maxBytes: 4096 },
  sessions: [
    { id: 7, usedAt: 100, oldest: 0, results: [] },
    {
      ...{ id: 9, usedAt: 123_400, oldest: 4 },
      results: [
        { number: 5, index: 30, fingerprint: 77, result: Uint8Array.of(1, 2) },
        { number: 4, index: 31, fingerprint: 78, result: undefined },
      ],
    },
  ],
}

/** A snapshot in one piece. */
function encoded(
  keys: readonly RememberedKey[],
  chunks: readonly Uint8Array[],
  timed: Pick<Remembered, 'time' | 'limits' | 'sessions'> = NOTHING_REMEMBERED,
): { readonly bytes: Uint8Array; readonly checksum: number } {
  const encoder = new SnapshotEncoder()
  const parts = [encoder.begin(META, timed)]
  for (let from = 0; from < keys.length;) {
    const { block, next } = encoder.keys(keys, from)
    parts.push(block)
    from = next
  }
  for (let from = 0; from < timed.sessions.length;) {
    const { block, next } = encoder.sessions(timed.sessions, from)
    parts.push(block)
    from = next
  }
  for (const chunk of chunks) parts.push(...encoder.machine(chunk))
  parts.push(encoder.end())
  const bytes = new Uint8Array(Buffer.concat(parts))
  expect(encoder.sum.bytes).toBe(bytes.length)
  return { bytes, checksum: encoder.sum.checksum }
}

/** What a parser makes of bytes that come in pieces. */
function parsed(bytes: Uint8Array, pieceBytes: () => number) {
  const keys: RememberedKey[] = []
  const machine: Uint8Array[] = []
  const sessions: RememberedSession[] = []
  let time: Pick<Remembered, 'time' | 'limits'> | undefined
  const parser = new SnapshotParser({
    keys: (some) => keys.push(...some),
    machine: (some) => machine.push(some),
    sessions: (some) => sessions.push(...some),
    time: (stated) => {
      time = stated
    },
  })
  for (let at = 0; at < bytes.length;) {
    const length = pieceBytes()
    parser.push(bytes.subarray(at, at + length))
    at += length
  }
  return {
    problem: parser.end(),
    keys,
    sessions,
    time,
    machine: new Uint8Array(Buffer.concat(machine)),
    parser,
  }
}

describe('the content of a snapshot', () => {
  it('comes back whole, in whatever pieces', () => {
    const random = createRandom(1)
    const chunks = [new Uint8Array(200_000).map((_, at) => at), Uint8Array.of(1, 2, 3), new Uint8Array(0)]
    const keys = [
      ...remembered(5000),
      { key: 'long', index: 9, fingerprint: 1, time: 0, result: new Uint8Array(300_000).fill(9) },
    ]
    const { bytes, checksum } = encoded(keys, chunks)
    for (const most of [1000, 70_000, 1_000_000]) {
      const found = parsed(bytes, () => random.integer(1, most))
      expect(found.problem).toBeUndefined()
      expect(found.keys.map(summary)).toEqual(keys.map(summary))
      expect(Buffer.compare(found.machine, Buffer.concat(chunks))).toBe(0)
      expect(found.parser.about).toEqual({ index: 900, term: 7 })
      expect(found.parser.sum).toEqual({ bytes: bytes.length, checksum })
    }
  })

  it('has log time, limits and sessions once the log has stated a time', () => {
    const { bytes } = encoded(remembered(3, 500), [Uint8Array.of(1)], TIMED)
    const found = parsed(bytes, () => 7)
    expect(found.problem).toBeUndefined()
    expect(found.keys.map(summary)).toEqual(remembered(3, 500).map(summary))
    expect({ ...found.time, sessions: found.sessions }).toEqual(TIMED)
    // Before that it is what nodes of the version before read and write.
    const untimed = parsed(encoded(remembered(3, 500), [Uint8Array.of(1)]).bytes, () => 7)
    expect(untimed.keys.map(({ time }) => time)).toEqual([0, 0, 0])
    expect(untimed.time).toBeUndefined()
  })

  it('is refused with any bit changed, any end cut off, and anything behind it', () => {
    const { bytes } = encoded(remembered(3, 5), [Uint8Array.of(1, 2, 3), Uint8Array.of(4)], TIMED)
    for (let at = 0; at < bytes.length; at++) {
      for (const mask of [1, 128]) {
        const changed = bytes.slice()
        changed[at] = (changed[at] ?? 0) ^ mask
        expect(parsed(changed, () => 50).problem, `byte ${at}`).toBeDefined()
      }
      expect(parsed(bytes.subarray(0, at), () => 50).problem, `cut at ${at}`).toBeDefined()
    }
    expect(parsed(Uint8Array.of(...bytes, 0), () => 50).problem).toBeDefined()
    expect(parsed(bytes, () => 50).problem).toBeUndefined()
  })

  it('is refused with blocks left out or exchanged, although each of them is whole', () => {
    const encoder = new SnapshotEncoder()
    const begin = encoder.begin(META, NOTHING_REMEMBERED)
    const [first = begin] = encoder.machine(Uint8Array.of(1, 1, 1))
    const [second = begin] = encoder.machine(Uint8Array.of(2, 2, 2))
    const end = encoder.end()
    const problem = (...blocks: Uint8Array[]): string | undefined => {
      const parser = new SnapshotParser()
      for (const block of blocks) parser.push(block)
      return parser.end()
    }
    expect(problem(begin, first, second, end)).toBeUndefined()
    expect(problem(begin, second, first, end)).toMatch(/checksum/)
    expect(problem(begin, first, end)).toMatch(/checksum/)
    expect(problem(begin, first, second)).toMatch(/ends in the middle/)
  })

  test('bytes of any kind are refused without harm', async () => {
    const settings = fuzzFromEnvironment({ inputs: 3000 })
    const place = { name: 'raft snapshots', file: FILE, test: 'bytes of any kind are refused without harm' }
    const corpus = [
      encoded(remembered(2), [Uint8Array.of(1)]).bytes,
      encoded([], []).bytes,
      encoded(remembered(1, 9), [Uint8Array.of(1)], TIMED).bytes,
    ]
    const decode = (bytes: Uint8Array) => {
      const { problem, keys } = parsed(bytes, () => 64)
      return problem === undefined ? decoded(keys.length) : malformed(problem)
    }
    await fuzzDecoder({ ...settings, ...place, corpus, decode })
  })
})

describe('a snapshot that arrives', () => {
  const { bytes, checksum } = encoded(remembered(10), [new Uint8Array(5000).fill(3)])
  const id = { index: 900, bytes: bytes.length, checksum }
  const incoming = (meta = META): IncomingSnapshot => new IncomingSnapshot(id, meta, 'b', 0, () => undefined)
  const take = (snapshot: IncomingSnapshot, offset: number, data: Uint8Array): void =>
    snapshot.take({ type: 'snapshot-chunk', term: 1, ...id, offset, data }, 0)
  const written = async (snapshot: IncomingSnapshot): Promise<Uint8Array> => {
    const parts: Uint8Array[] = []
    for await (const part of snapshot.chunks()) parts.push(part)
    return new Uint8Array(Buffer.concat(parts))
  }

  it('is put together from chunks that come twice, too early, and overlap', async () => {
    const snapshot = incoming()
    const result = written(snapshot)
    take(snapshot, 1000, bytes.subarray(1000, 2000))
    expect(snapshot.arrived).toBe(0)
    take(snapshot, 0, bytes.subarray(0, 1500))
    take(snapshot, 0, bytes.subarray(0, 1500))
    take(snapshot, 1000, bytes.subarray(1000, 2000))
    expect(snapshot.arrived).toBe(2000)
    take(snapshot, 2000, bytes.subarray(2000))
    expect(Buffer.compare(await result, bytes)).toBe(0)
    expect(snapshot.written).toBe(bytes.length)
  })

  it('is given up when it is not what was offered', async () => {
    const other = encoded(remembered(10), [new Uint8Array(5000).fill(4)]).bytes
    const wrong = incoming()
    const result = written(wrong)
    take(wrong, 0, other)
    await expect(result).rejects.toThrow('another snapshot than was offered')
    const misnamed = incoming({ ...META, term: 8 })
    const named = written(misnamed)
    take(misnamed, 0, bytes)
    await expect(named).rejects.toThrow('another snapshot than was offered')
  })

  it('is given up when a byte of it is wrong, and when somebody says so', async () => {
    const damaged = bytes.slice()
    damaged[300] = (damaged[300] ?? 0) ^ 1
    const first = incoming()
    const result = written(first)
    take(first, 0, damaged)
    await expect(result).rejects.toThrow('not what was sent')
    const second = incoming()
    const waiting = written(second)
    second.abandon('the node stopped')
    await expect(waiting).rejects.toThrow('the node stopped')
  })
})
