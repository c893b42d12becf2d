import { describe, expect, it } from 'vitest'
import { type PersistRecord, RaftError, type RaftStorage } from '../../src/index.ts'
import { GroupCommit } from '../../src/runtime/group-commit.ts'
import { RECORD_OVERHEAD_BYTES } from '../../src/runtime/options.ts'

/** A storage whose writes end when the test says so. */
function manualStorage() {
  const writes: { record: PersistRecord; done: () => void; fail: (error: unknown) => void }[] = []
  const storage: Pick<RaftStorage, 'persist'> = {
    persist: (record) => new Promise((done, fail) => writes.push({ record, done, fail })),
  }
  return { storage: storage as RaftStorage, writes }
}

function record(firstIndex: number): PersistRecord {
  return {
    term: 1,
    vote: '',
    firstIndex,
    entries: [{ term: 1, kind: 'command', data: Uint8Array.of(firstIndex) }],
  }
}

const unexpected = (): void => expect.unreachable()

const message = { type: 'vote-response', from: 'a', to: 'b', term: 1, granted: true } as const

describe('group commit', () => {
  it('writes at once when idle, and everything that queued meanwhile as one record', async () => {
    const { storage, writes } = manualStorage()
    const durable: number[] = []
    const commits = new GroupCommit(storage, (sequence) => durable.push(sequence), unexpected)
    commits.add(record(1), 1)
    commits.flush()
    for (let i = 2; i <= 4; i++) {
      commits.add(record(i), i)
      commits.flush()
    }
    expect(writes).toHaveLength(1)
    writes[0]?.done()
    await commits.settled()
    expect(durable).toEqual([1])
    commits.flush()
    expect(writes[1]?.record).toMatchObject({ firstIndex: 2, entries: { length: 3 } })
    writes[1]?.done()
    await commits.settled()
    expect(durable).toEqual([1, 4])
  })

  it('makes no record larger than the storage takes', async () => {
    const { storage, writes } = manualStorage()
    const durable: number[] = []
    const limited = { ...storage, maxRecordBytes: 4096 }
    const commits = new GroupCommit(limited, (sequence) => durable.push(sequence), unexpected)
    const large = (firstIndex: number): PersistRecord => ({
      ...record(firstIndex),
      entries: [{ term: 1, kind: 'command', data: new Uint8Array(1400) }],
    })
    for (let i = 1; i <= 4; i++) commits.add(large(i), i)
    for (let i = 0; i < 2; i++) {
      commits.flush()
      writes[i]?.done()
      await commits.settled()
    }
    expect(writes.map((write) => write.record.entries.length)).toEqual([2, 2])
    expect(durable).toEqual([2, 4])
  })

  it('holds messages back until their record is durable', async () => {
    const { storage, writes } = manualStorage()
    const commits = new GroupCommit(storage, () => {}, unexpected)
    commits.add(record(1), 1)
    expect(commits.hold([message], 1)).toBe(true)
    commits.flush()
    expect(commits.release()).toEqual([])
    writes[0]?.done()
    await commits.settled()
    expect(commits.release()).toEqual([message])
    expect(commits.release()).toEqual([])
    expect(commits.hold([message], 1)).toBe(false)
  })

  it('reports a failed write and holds on to what depended on it', async () => {
    const { storage, writes } = manualStorage()
    const failures: unknown[] = []
    const commits = new GroupCommit(storage, unexpected, (error) => failures.push(error))
    commits.add(record(1), 1)
    commits.hold([message], 1)
    commits.flush()
    writes[0]?.fail('full')
    await commits.settled()
    expect(failures).toEqual(['full'])
    expect(commits.release()).toEqual([])
  })

  it('writes nothing any more after a write that failed, and lets nothing go that waited for it', async () => {
    const { storage, writes } = manualStorage()
    const failures: unknown[] = []
    const commits = new GroupCommit(storage, unexpected, (error) => failures.push(error))
    commits.add(record(1), 1)
    commits.flush()
    expect(commits.writing).toBe(true)
    commits.add(record(2), 2)
    expect(commits.hold([message], 2)).toBe(true)
    writes[0]?.fail(new Error('ENOSPC'))
    await commits.settled()
    commits.flush()
    expect(failures).toHaveLength(1)
    expect(writes).toHaveLength(1)
    expect(commits.writing).toBe(false)
    expect(commits.release()).toEqual([])
  })
})

it('a term that went ahead of entries on a full disk is not taken back by them', async () => {
  const written: PersistRecord[] = []
  let isFull = true
  const storage: Pick<RaftStorage, 'persist' | 'maxRecordBytes'> = {
    maxRecordBytes: RECORD_OVERHEAD_BYTES + 2000,
    persist: async (record) => {
      if (isFull && record.firstIndex > 0)
        throw new RaftError('RAFT_STORAGE_FULL', 'full', { retryable: true })
      written.push(record)
    },
  }
  const durable: number[] = []
  let released = 0
  const commits: GroupCommit = new GroupCommit(
    storage as RaftStorage,
    (sequence) => durable.push(sequence),
    unexpected,
    undefined,
    {
      full: () => undefined,
      promised: () => (released += commits.release().length),
    },
  )
  const large = { term: 1, kind: 'command' as const, data: new Uint8Array(900) }
  for (const index of [1, 2, 3])
    commits.add({ term: 1, vote: '', firstIndex: index, entries: [large] }, index)
  commits.flush()
  await commits.settled()
  commits.add({ term: 2, vote: 'b', firstIndex: 0, entries: [] }, 4)
  expect(commits.hold([message], 4)).toBe(true)
  commits.flush()
  await commits.settled()
  // The vote is durable and goes out; the entries before it are not.
  expect(written.at(-1)).toEqual({ term: 2, vote: 'b', firstIndex: 0, entries: [] })
  expect([released, durable]).toEqual([1, []])
  isFull = false
  for (commits.retry(); commits.writing; commits.flush()) await commits.settled()
  expect(durable.at(-1)).toBe(4)
  expect(written.slice(2).length).toBeGreaterThan(1)
  for (const record of written.slice(2)) expect(record).toMatchObject({ term: 2, vote: 'b' })
})
