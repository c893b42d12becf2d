import { describe, expect, test } from 'vitest'
import type { PersistRecord, StoredState } from '../../src/core/entry.ts'
import { segmentName } from '../../src/storage/log/format.ts'
import { logStorage } from '../../src/storage/log/log-storage.ts'
import { IDENTITY } from './identity.ts'
import { contents, diskWith, quickDisk } from './quick-disk.ts'

const DIRECTORY = '/data'
const SEGMENT_BYTES = 4096
/** In the entries of the second record. */
const DAMAGED_BYTE = 48 + 48 + 48 + 100 + 60

type Files = ReadonlyMap<string, Uint8Array>

function record(firstIndex: number, vote = 'a'): PersistRecord {
  const data = new Uint8Array(100).fill(firstIndex)
  return { term: 1, vote, firstIndex, entries: [{ term: 1, kind: 'command', data }] }
}

/** Opens what is left of a log, writes to it, and closes it. */
async function use(
  files: Files,
  records: readonly PersistRecord[],
  freeBytes?: number,
): Promise<{ state: StoredState; files: Files; events: readonly string[] }> {
  const disk = await diskWith(DIRECTORY, files)
  const events: string[] = []
  const observer = ({ type }: { readonly type: string }): void => void events.push(type)
  const storage = logStorage({ disk, directory: DIRECTORY, segmentBytes: SEGMENT_BYTES, observer })
  try {
    const state = await storage.open(IDENTITY)
    if (freeBytes !== undefined) disk.configure({ freeBytes })
    for (const each of records) await storage.persist(each)
    return { state, files: await contents(disk, DIRECTORY), events }
  } finally {
    await storage.close()
  }
}

/** A log of one segment with five entries, of which the second cannot be read. */
async function damagedLog(): Promise<Files> {
  const disk = quickDisk()
  const storage = logStorage({ disk, directory: DIRECTORY, segmentBytes: SEGMENT_BYTES })
  await storage.open(IDENTITY)
  for (const index of [1, 2, 3, 4, 5]) await storage.persist(record(index))
  await storage.close()
  return changed(await contents(disk, DIRECTORY), 1, (bytes) => {
    bytes[DAMAGED_BYTE] = (bytes[DAMAGED_BYTE] ?? 0) ^ 1
  })
}

function changed(files: Files, sequence: number, change: (bytes: Uint8Array) => void): Files {
  const bytes = files.get(segmentName(sequence))?.slice() ?? new Uint8Array(0)
  change(bytes)
  return new Map(files).set(segmentName(sequence), bytes)
}

/** First byte of a segment that differs, and the end of what was written to it. */
function written(before: Files, now: Files, sequence: number): { from: number; to: number } {
  const old = before.get(segmentName(sequence)) ?? new Uint8Array(SEGMENT_BYTES)
  const bytes = now.get(segmentName(sequence)) ?? new Uint8Array(SEGMENT_BYTES)
  const from = bytes.findIndex((byte, at) => byte !== (old[at] ?? 0))
  const to = bytes.findLastIndex((byte, at) => byte !== (old[at] ?? 0)) + 1
  return { from, to }
}

describe('a crash while a node writes whose log was damaged before', () => {
  test('a damaged log goes on in a new segment', async () => {
    const damaged = await damagedLog()
    const first = await use(damaged, [record(2)])
    expect(first.state).toMatchObject({ lost: { index: 5, term: 1 }, vote: 'a' })
    expect(first.state.entries).toHaveLength(1)
    expect(written(damaged, first.files, 1).from).toBe(-1)
    expect(written(damaged, first.files, 2).to).toBeGreaterThan(48)
  })

  test('what it was writing is all there or not at all, wherever the write was torn', async () => {
    const damaged = await damagedLog()
    const one = await use(damaged, [record(2)])
    const two = await use(damaged, [record(2), record(3, 'c')])
    let cut = 0
    for (const [before, after, last, vote] of [
      [damaged, one.files, 1, 'a'],
      [one.files, two.files, 2, 'a'],
    ] as const) {
      const { from, to } = written(before, after, 2)
      for (let at = from; at < to - 1; at += 3) {
        const torn = changed(after, 2, (bytes) => bytes.fill(0, at, to))
        const { state, events } = await use(torn, [])
        expect(state, `torn at ${at}`).toMatchObject({ lost: { index: 5, term: 1 }, vote })
        expect(state.entries, `torn at ${at}`).toHaveLength(last)
        if (events.includes('raft.storage-tail-cut')) cut++
      }
    }
    expect(cut).toBeGreaterThan(50)
  })

  test('and it goes on from there, until it has everything again', async () => {
    const one = await use(await damagedLog(), [record(2)])
    const two = await use(one.files, [record(3)])
    const { from, to } = written(one.files, two.files, 2)
    const torn = changed(two.files, 2, (bytes) => bytes.fill(0, from + 60, to))
    const mended = await use(torn, [record(3), record(4), record(5)])
    const { state } = await use(mended.files, [])
    expect(state.lost).toBeUndefined()
    expect(state.entries).toHaveLength(5)
  })

  test('an unreadable end beside the damage is no interrupted write: what was promised last is not known', async () => {
    const damaged = await damagedLog()
    const bytes = damaged.get(segmentName(1)) ?? new Uint8Array(0)
    const end = bytes.findLastIndex((byte) => byte !== 0)
    const both = changed(damaged, 1, (segment) => segment.fill(0, end - 20))
    await expect(use(both, [])).rejects.toMatchObject({ code: 'RAFT_STORAGE_DAMAGED' })
  })

  test('where the disk has no room for a new segment, terms and votes go on in the old one', async () => {
    const vote = { term: 2, vote: 'c', firstIndex: 0, entries: [] }
    const { files } = await use(await damagedLog(), [vote], 0)
    expect((await use(files, [])).state).toMatchObject({ term: 2, vote: 'c', lost: { index: 5 } })
  })
})

describe('a log that was damaged beyond its snapshot', () => {
  /** A snapshot at 3, and a log up to 5 of which the entries 2 and 3 to 4 cannot be read, so that it begins anew behind the snapshot. */
  test('is still known to have gone further when it begins anew behind the snapshot in a later term', async () => {
    const damaged = await damagedLog()
    const disk = await diskWith(DIRECTORY, damaged)
    const storage = logStorage({ disk, directory: DIRECTORY, segmentBytes: SEGMENT_BYTES })
    const { lost } = await storage.open(IDENTITY)
    expect(lost).toEqual({ index: 5, term: 1 })
    const membership = { ...IDENTITY, outgoing: [], learners: [], goal: undefined, addresses: new Map() }
    await storage.saveSnapshot?.({ index: 3, term: 1, membership }, chunks())
    // As a core writes it that follows a leader of term 6, which has shown it nothing of its log yet.
    await storage.persist({ term: 6, vote: '', firstIndex: 4, entries: [], replacesLog: true })
    await storage.close()
    for (const start of [1, 2]) {
      const again = await use(await contents(disk, DIRECTORY), [])
      expect(again.state, `start ${start}`).toMatchObject({ term: 6, lost: { index: 5, term: 1 } })
      expect(again.state.entries).toHaveLength(0)
    }
  })
})

async function* chunks(): AsyncGenerator<Uint8Array, void> {
  yield await Promise.resolve(new Uint8Array([1]))
}
