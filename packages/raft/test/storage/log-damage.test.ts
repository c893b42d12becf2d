import { createRandom, crc32 } from '@colony/host'
import { beforeAll, describe, expect, test } from 'vitest'
import type { StoredState } from '../../src/core/entry.ts'
import { isEarlierEnd } from '../../src/core/log-end.ts'
import { RaftError } from '../../src/errors.ts'
import { RECORD_HEADER_BYTES, SEGMENT_HEADER_BYTES, segmentName } from '../../src/storage/log/format.ts'
import { readIdentity } from '../../src/storage/log/identity-file.ts'
import { logStorage } from '../../src/storage/log/log-storage.ts'
import { RecordReader } from '../../src/storage/log/record-reader.ts'
import { recover } from '../../src/storage/log/recovery.ts'
import { segmentSalt } from '../../src/storage/log/segment-header.ts'
import { after, describeState, EMPTY, protocolRecord } from './history.ts'
import { IDENTITY } from './identity.ts'
import { contents, diskWith, quickDisk } from './quick-disk.ts'

const DIRECTORY = '/data'
const SEGMENT_BYTES = 1024

const MISSING = Buffer.from('missing')

type Files = Map<string, Uint8Array>

interface Opened {
  readonly state: StoredState | undefined
  readonly error: RaftError | undefined
  readonly events: readonly string[]
  readonly files: Files
}

/** Opens what is left of a log, and closes it again. */
async function open(files: ReadonlyMap<string, Uint8Array>): Promise<Opened> {
  const disk = await diskWith(DIRECTORY, files)
  const events: string[] = []
  const storage = logStorage({
    disk,
    directory: DIRECTORY,
    segmentBytes: SEGMENT_BYTES,
    observer: (event) => events.push(event.type),
  })
  try {
    const state = await storage.open(IDENTITY)
    return { state, error: undefined, events, files: await contents(disk, DIRECTORY) }
  } catch (error) {
    if (!(error instanceof RaftError)) throw error
    return { state: undefined, error, events, files: await contents(disk, DIRECTORY) }
  } finally {
    await storage.close()
  }
}

function changed(files: Files, name: string, change: (bytes: Uint8Array) => void): Files {
  const bytes = files.get(name)?.slice() ?? new Uint8Array(0)
  change(bytes)
  return new Map(files).set(name, bytes)
}

function flipped(files: Files, name: string, position: number, mask: number): Files {
  return changed(files, name, (bytes) => {
    bytes[position] = (bytes[position] ?? 0) ^ mask
  })
}

/** Names and checksums: the deep comparison of a test runner looks at every byte twice, and takes minutes for this suite. */
function digest(files: ReadonlyMap<string, Uint8Array>): string {
  return [...files].map(([name, bytes]) => `${name} ${bytes.byteLength} ${crc32(bytes)}`).join('\n')
}

/** Names of the files that are not the same in both; byte by byte, but without vitest, which takes a microsecond for each. */
function differing(a: Files, b: Files): string[] {
  const names = new Set([...a.keys(), ...b.keys()])
  return [...names].filter((name) => Buffer.compare(a.get(name) ?? MISSING, b.get(name) ?? MISSING) !== 0)
}

/** Where a segment's content ends: the last byte that is not zero. */
function usedBytes(bytes: Uint8Array): number {
  let end = bytes.byteLength
  while (end > 0 && bytes[end - 1] === 0) end--
  return end
}

describe('a log of several segments', () => {
  let files: Files
  /** The state after every record, the last one first. */
  let states: StoredState[]
  let segments: string[]
  let incarnation: string
  /** The last segment that holds records, and where its last record begins. */
  let tail: { name: string; lastRecord: number; end: number }

  beforeAll(async () => {
    const disk = quickDisk()
    const random = createRandom(7, 'damage')
    const storage = logStorage({ disk, directory: DIRECTORY, segmentBytes: SEGMENT_BYTES, random })
    await storage.open(IDENTITY)
    states = [EMPTY]
    for (let count = 0; count < 20; count++) {
      const state = states[0] ?? EMPTY
      const record = protocolRecord(state, random, 120)
      await storage.persist(record)
      states.unshift(after(state, record))
    }
    await storage.close()
    files = await contents(disk, DIRECTORY)
    segments = [...files.keys()].filter((name) => name.endsWith('.seg'))
    incarnation = (await readIdentity(disk, DIRECTORY, crc32))?.incarnation ?? ''
    const place = { disk, directory: DIRECTORY, incarnation, checksum: crc32 }
    const recovered = await recover(
      place,
      [...segments.keys()].map((index) => index + 1),
    )
    tail = {
      name: segmentName(recovered.tail.sequence),
      lastRecord: recovered.tail.lastWrite,
      end: recovered.tail.position,
    }
    expect(segments.indexOf(tail.name)).toBeGreaterThan(1)
    // The test of the last record needs one that did not come with the header of its segment.
    expect(tail.lastRecord).toBeGreaterThan(0)
  })

  const owed = (): string => describeState(states[0] ?? EMPTY)

  /** A node that starts with this keeps every promise: it knows its term and vote and how far its log reached, and holds nothing that was not there. */
  function requirePromisesKept(state: StoredState, label: string): 'whole' | 'lost' {
    if (state.lost === undefined) {
      expect(describeState(state), label).toBe(owed())
      return 'whole'
    }
    const whole = states[0] ?? EMPTY
    const kept = { ...whole, entries: whole.entries.slice(0, state.entries.length) }
    expect(describeState(state), label).toBe(describeState(kept))
    const end = { index: whole.entries.length, term: whole.entries.at(-1)?.term ?? 0 }
    expect(isEarlierEnd(state.lost, end), label).toBe(false)
    return 'lost'
  }

  test('is read back whole', async () => {
    const { state, events } = await open(files)
    expect(describeState(state ?? EMPTY)).toBe(owed())
    expect(events).toEqual([])
  })

  test('with any byte changed in a record but the last: nothing is lost, or what is lost is known and told of', async () => {
    const masks = createRandom(1, 'masks')
    const seen = { whole: 0, lost: 0, refused: 0 }
    for (const name of segments) {
      const bytes = files.get(name) ?? new Uint8Array(0)
      const end = name === tail.name ? tail.lastRecord : usedBytes(bytes)
      // Every fifth: a start reads a damaged log three times.
      for (let position = 0; position < end; position += 5) {
        const broken = flipped(files, name, position, 1 << masks.integer(0, 7))
        const { state, error, events, files: left } = await open(broken)
        expect(digest(left)).toBe(digest(broken))
        if (error !== undefined) {
          // Nothing behind a record without a header says how far the log reached.
          expect(error.code, `${name} ${position}`).toBe('RAFT_STORAGE_DAMAGED')
          expect(error.message).toContain(`${DIRECTORY}/${name}`)
          seen.refused++
          continue
        }
        const outcome = requirePromisesKept(state ?? EMPTY, `${name} ${position}`)
        seen[outcome]++
        if (outcome === 'lost') expect(events).toEqual(['raft.storage-entries-lost'])
      }
    }
    expect(seen.lost).toBeGreaterThan(200)
    expect(seen.whole).toBeGreaterThan(30)
    expect(seen.refused).toBeLessThan(seen.lost / 10)
  })

  test('with any byte changed in the last record: that record at most is lost, and it is reported', async () => {
    for (let position = tail.lastRecord; position < tail.end; position++) {
      const { state, error, events } = await open(flipped(files, tail.name, position, 0x10))
      expect(error).toBeUndefined()
      const isWhole = describeState(state ?? EMPTY) === owed()
      if (!isWhole) expect(describeState(state ?? EMPTY)).toBe(describeState(states[1] ?? EMPTY))
      expect(events).toEqual(isWhole ? [] : ['raft.storage-tail-cut'])
    }
  })

  test('with any byte set in the zeros behind the end: nothing is lost, and the byte is zero again', async () => {
    const next = segments[segments.indexOf(tail.name) + 1] ?? ''
    for (const [name, from] of [[tail.name, tail.end] as const, [next, 0] as const]) {
      for (let position = from; position < SEGMENT_BYTES; position++) {
        const { state, events, files: left } = await open(flipped(files, name, position, 0xc5))
        expect(describeState(state ?? EMPTY), `${name} ${position}`).toBe(owed())
        expect(events, `${name} ${position}`).toEqual(['raft.storage-tail-cut'])
        expect(digest(left), `${name} ${position}`).toBe(digest(files))
      }
    }
  })

  test('with any sector lost to zeros: noticed whenever the header of anything later is left', async () => {
    const outcomes = new Set<string>()
    for (const [index, name] of segments.entries()) {
      const bytes = files.get(name) ?? MISSING
      const salt = segmentSalt(crc32, incarnation, index + 1)
      for (let sector = 0; sector < SEGMENT_BYTES; sector += 512) {
        const isUsed = usedBytes(bytes) > sector
        const reader = new RecordReader(bytes, salt, crc32)
        const isProven = name < tail.name || reader.nextHeader(sector + 512, SEGMENT_BYTES) !== undefined
        const { state, error } = await open(
          changed(files, name, (lost) => lost.fill(0, sector, sector + 512)),
        )
        const label = `${name} ${sector}`
        const isNoticed = state?.lost !== undefined
        if (isNoticed) requirePromisesKept(state, label)
        const isWhole = describeState(state ?? EMPTY) === owed()
        const outcome = error?.code ?? (isNoticed ? 'lost' : isWhole ? 'whole' : 'shorter')
        outcomes.add(outcome)
        // Without any later header this cannot be told from an interrupted write of which the first sector is missing.
        const allowed = !isUsed
          ? ['whole']
          : isProven
            ? ['RAFT_STORAGE_DAMAGED', 'lost', 'whole']
            : ['RAFT_STORAGE_DAMAGED', 'lost', 'shorter']
        expect(allowed, label).toContain(outcome)
        if (outcome === 'shorter') expect(states.map(describeState)).toContain(describeState(state ?? EMPTY))
      }
    }
    expect([...outcomes]).toEqual(expect.arrayContaining(['lost', 'shorter', 'whole']))
  })

  test('without one of its files: refused', async () => {
    const needed = [...segments.slice(0, segments.indexOf(tail.name)), 'identity']
    for (const name of needed) {
      const left = new Map(files)
      left.delete(name)
      const opened = await open(left)
      expect(opened.error?.code, name).toBe('RAFT_STORAGE_DAMAGED')
      expect(differing(opened.files, left)).toEqual([])
    }
  })

  test('with no segment left at all: refused, never taken for a new log', async () => {
    const identity = files.get('identity') ?? new Uint8Array(0)
    expect((await open(new Map([['identity', identity]]))).error?.code).toBe('RAFT_STORAGE_DAMAGED')
  })

  test('with a file that was cut short: refused, or what is lost is known', async () => {
    for (const name of segments.slice(0, segments.indexOf(tail.name) + 1)) {
      const bytes = files.get(name) ?? new Uint8Array(0)
      for (const size of [0, 39, 40, 200, bytes.byteLength - 1]) {
        const { state, error } = await open(new Map(files).set(name, bytes.slice(0, size)))
        // A last segment cut to less than its header looks as if it had never been used, but the one after it does not exist then.
        if (name === tail.name && size < SEGMENT_HEADER_BYTES) continue
        const label = `${name} ${size}`
        if (error === undefined) expect(requirePromisesKept(state ?? EMPTY, label)).toBe('lost')
        else expect(error.code, label).toBe('RAFT_STORAGE_DAMAGED')
      }
    }
  })

  test('with a segment of another log, or of another place, in it: that counts as lost', async () => {
    const first = files.get(segments[0] ?? '') ?? new Uint8Array(0)
    const { state, error } = await open(new Map(files).set(segments[1] ?? '', first))
    expect(error).toBeUndefined()
    expect(requirePromisesKept(state ?? EMPTY, '')).toBe('lost')
  })

  test('with any byte of its identity changed: refused', async () => {
    const size = files.get('identity')?.byteLength ?? 0
    for (let position = 0; position < size; position++) {
      const { error, files: left } = await open(flipped(files, 'identity', position, 0x01))
      expect(error?.code, String(position)).toBe('RAFT_STORAGE_DAMAGED')
      expect(left.size).toBe(files.size)
    }
  })

  test('of a later format version: refused with another code, because it is not damaged', async () => {
    const body = new TextDecoder().decode(files.get('identity')).split('\n')[1] ?? ''
    const sum = crc32(new TextEncoder().encode(`2\n${body}\n`))
    const text = `colony-raft-log 2 ${sum.toString(16).padStart(8, '0')}\n${body}\n`
    const { error } = await open(new Map(files).set('identity', new TextEncoder().encode(text)))
    expect(error?.code).toBe('RAFT_STORAGE_FAILED')
    expect(error?.message).toContain('version 2')
  })
})

test('a damaged record before a torn one is told from a torn one alone', async () => {
  const disk = quickDisk()
  const storage = logStorage({ disk, directory: DIRECTORY, segmentBytes: 8192 })
  const data = new Uint8Array(1000).fill(1)
  await storage.open(IDENTITY)
  for (const index of [1, 2]) {
    await storage.persist({
      term: 1,
      vote: '',
      firstIndex: index,
      entries: [{ term: 1, kind: 'command', data }],
    })
  }
  await storage.close()
  const files = await contents(disk, DIRECTORY)
  const name = segmentName(1)
  const second =
    Math.ceil((usedBytes(files.get(name) ?? data) - SEGMENT_HEADER_BYTES) / 2) + SEGMENT_HEADER_BYTES
  const start = second - (second % 8)
  const torn = changed(files, name, (bytes) => bytes.fill(0, start + 500))
  expect((await open(torn)).state?.entries).toHaveLength(1)
  // The first record's payload is damaged as well; the second's header alone proves that the first was acknowledged.
  const both = flipped(torn, name, SEGMENT_HEADER_BYTES + 600, 1)
  expect((await open(both)).error?.message).toMatch(
    /record 2 at byte \d+ was written after it.*from index 1 to 1/,
  )
  // Even bytes without a header do, since the first record's own header says where it ends.
  const headless = changed(both, name, (bytes) => bytes.fill(0, start, start + RECORD_HEADER_BYTES))
  expect((await open(headless)).error?.code).toBe('RAFT_STORAGE_DAMAGED')
})

test('records inside of entries are never taken for records', async () => {
  const disk = quickDisk()
  const storage = logStorage({ disk, directory: DIRECTORY, segmentBytes: 8192 })
  await storage.open(IDENTITY)
  await storage.persist({ term: 1, vote: '', firstIndex: 0, entries: [] })
  const segment = disk.peek(`${DIRECTORY}/${segmentName(1)}`) ?? new Uint8Array(0)
  // A copy of the log itself as a command, at every alignment, so that a record's header stands at a multiple of 8.
  const copies = Array.from({ length: 8 }, (_, shift) => {
    const data = new Uint8Array(shift + 200)
    data.set(segment.subarray(0, 200), shift)
    return { term: 1, kind: 'command' as const, data }
  })
  await storage.persist({ term: 1, vote: '', firstIndex: 1, entries: copies })
  await storage.close()
  const files = await contents(disk, DIRECTORY)
  const torn = flipped(files, segmentName(1), SEGMENT_HEADER_BYTES + 2 * RECORD_HEADER_BYTES + 20, 1)
  const { state, events } = await open(torn)
  expect(state?.entries).toEqual([])
  expect(events).toEqual(['raft.storage-tail-cut'])
})
