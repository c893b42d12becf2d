import { afterEach, expect, test } from 'vitest'
import type { Entry } from '../../src/core/entry.ts'
import type { RaftStorage, StorageIdentity } from '../../src/storage/storage.ts'
import { describeState } from './history.ts'
import { IDENTITY } from './identity.ts'

/** One place that storages are made on; each call of `storage` stands for a new process. */
export interface StoragePlace {
  readonly storage: () => Promise<RaftStorage>
  readonly dispose?: () => Promise<void>
}

export function entry(term: number, text: string): Entry {
  return { term, kind: 'command', data: new TextEncoder().encode(text) }
}

/** What every {@link RaftStorage} does, whatever it is made of. */
export function testStorageContract(makePlace: () => Promise<StoragePlace>): void {
  const places: StoragePlace[] = []
  afterEach(async () => {
    for (const place of places.splice(0)) await place.dispose?.()
  })
  const place = async (): Promise<StoragePlace> => {
    const made = await makePlace()
    places.push(made)
    return made
  }

  test('a fresh one is empty', async () => {
    const storage = await (await place()).storage()
    expect(await storage.open(IDENTITY)).toEqual({ term: 0, vote: '', firstIndex: 1, entries: [] })
    await storage.close()
  })

  test('it gives back what was persisted: term, vote, appended, replaced and cut entries', async () => {
    const { storage: make } = await place()
    let storage = await make()
    await storage.open(IDENTITY)
    await storage.persist({ term: 1, vote: 'a', firstIndex: 0, entries: [] })
    await storage.persist({
      term: 1,
      vote: 'a',
      firstIndex: 1,
      entries: [entry(1, 'x'), entry(1, 'y'), entry(1, '')],
    })
    await storage.persist({
      term: 7,
      vote: 'Ünïcode',
      firstIndex: 2,
      entries: [entry(7, 'z'), { ...entry(7, ''), kind: 'noop' }],
    })
    await storage.persist({ term: 8, vote: '', firstIndex: 3, entries: [] })
    await storage.close()
    storage = await make()
    const state = await storage.open(IDENTITY)
    const owed = { term: 8, vote: '', firstIndex: 1, entries: [entry(1, 'x'), entry(7, 'z')] }
    expect(describeState(state)).toBe(describeState(owed))
    await storage.close()
  })

  test("what it returns is the caller's own: changing it changes nothing", async () => {
    const { storage: make } = await place()
    const storage = await make()
    await storage.open(IDENTITY)
    await storage.persist({ term: 1, vote: '', firstIndex: 1, entries: [entry(1, 'x')] })
    await storage.close()
    const again = await make()
    ;(await again.open(IDENTITY)).entries.length = 0
    await again.close()
    const third = await make()
    expect((await third.open(IDENTITY)).entries).toHaveLength(1)
    await third.close()
  })

  test('the largest numbers that the types allow come back', async () => {
    const { storage: make } = await place()
    const storage = await make()
    const term = Number.MAX_SAFE_INTEGER
    await storage.open(IDENTITY)
    await storage.persist({
      term,
      vote: 'v',
      firstIndex: 1,
      entries: [entry(term, 'x'), entry(2 ** 32, 'y'), entry(2 ** 28, 'z')],
    })
    await storage.close()
    const again = await make()
    const state = await again.open(IDENTITY)
    expect([state.term, ...state.entries.map((found) => found.term)]).toEqual([term, term, 2 ** 32, 2 ** 28])
    await again.close()
  })

  test('it refuses another identity, names what differs, and still serves its own', async () => {
    const { storage: make } = await place()
    const founder = await make()
    await founder.open(IDENTITY)
    await founder.close()
    const others: [Partial<StorageIdentity>, RegExp][] = [
      [{ clusterId: 'other' }, /cluster "bank" there, "other" here/],
      [{ group: 'other' }, /group "main" there, "other" here/],
      [{ nodeId: 'b' }, /node "a" there, "b" here/],
      [{ voters: ['a', 'b'] }, /founding voters \["a","b","c"\] there, \["a","b"\] here/],
    ]
    for (const [difference, message] of others) {
      const storage = await make()
      const refused = storage.open({ ...IDENTITY, ...difference })
      await expect(refused).rejects.toMatchObject({ code: 'RAFT_STORAGE_FOREIGN', retryable: false })
      await expect(refused).rejects.toThrow(message)
      await storage.close()
    }
    const own = await make()
    await own.open({ ...IDENTITY, voters: ['c', 'a', 'b'] })
    await own.close()
  })

  test('it is open once at a time, and again after close', async () => {
    const storage = await (await place()).storage()
    const [first, second] = await Promise.allSettled([storage.open(IDENTITY), storage.open(IDENTITY)])
    expect(first.status).toBe('fulfilled')
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'RAFT_STORAGE_LOCKED' } })
    await expect(storage.open(IDENTITY)).rejects.toMatchObject({ code: 'RAFT_STORAGE_LOCKED' })
    await storage.persist({ term: 1, vote: '', firstIndex: 0, entries: [] })
    await storage.close()
    await storage.close()
    expect((await storage.open(IDENTITY)).term).toBe(1)
    await storage.close()
  })

  test('it persists nothing before open and after close', async () => {
    const storage = await (await place()).storage()
    const record = { term: 1, vote: '', firstIndex: 0, entries: [] }
    await expect(storage.persist(record)).rejects.toMatchObject({ code: 'RAFT_CLOSED' })
    await storage.open(IDENTITY)
    await storage.close()
    await expect(storage.persist(record)).rejects.toMatchObject({ code: 'RAFT_CLOSED' })
  })

  test('it refuses records that do not fit the log, because it could not give them back', async () => {
    const { storage: make } = await place()
    const broken = [
      { term: 1, vote: '', firstIndex: 2, entries: [entry(1, 'gap')] },
      { term: 1, vote: '', firstIndex: 0, entries: [entry(1, 'nowhere')] },
      { term: 1.5, vote: '', firstIndex: 0, entries: [] },
      { term: 1, vote: '', firstIndex: -1, entries: [] },
    ]
    for (const record of broken) {
      const storage = await make()
      await storage.open(IDENTITY)
      await expect(storage.persist(record)).rejects.toMatchObject({ code: 'RAFT_INVARIANT_BROKEN' })
      await storage.close()
    }
  })
}
