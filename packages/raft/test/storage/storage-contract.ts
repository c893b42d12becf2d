import { afterEach, expect, test } from 'vitest'
import type { StorageFactory, StoragePlace } from '@colony/testing/conformance'
import { storageConformance } from '@colony/testing/conformance'
import type { Entry } from '../../src/core/entry.ts'
import { IDENTITY } from './identity.ts'

export function entry(term: number, text: string): Entry {
  return { term, kind: 'command', data: new TextEncoder().encode(text) }
}

/** What every storage of this package does: what the interface says of all, and how it refuses what makes no sense. */
export function testStorageContract(factory: StorageFactory): void {
  for (const { name, run } of storageConformance(factory)) test(name, run)
  testRefusals(factory)
}

function testRefusals(factory: StorageFactory): void {
  const places: StoragePlace[] = []
  afterEach(async () => {
    for (const place of places.splice(0)) await place.close?.()
  })
  const place = async (): Promise<StoragePlace> => {
    const made = await factory.place()
    places.push(made)
    return made
  }

  test('it names what differs when it refuses another identity, and takes any voters', async () => {
    const made = await place()
    const founder = await made.storage()
    await founder.open(IDENTITY)
    await founder.close()
    const others: [object, RegExp][] = [
      [{ clusterId: 'other' }, /cluster "bank" there, "other" here/],
      [{ group: 'other' }, /group "main" there, "other" here/],
      [{ nodeId: 'b' }, /node "a" there, "b" here/],
    ]
    for (const [difference, message] of others) {
      const storage = await made.storage()
      const refused = storage.open({ ...IDENTITY, ...difference })
      await expect(refused).rejects.toMatchObject({ code: 'RAFT_STORAGE_FOREIGN', retryable: false })
      await expect(refused).rejects.toThrow(message)
      await storage.close()
    }
    const own = await made.storage()
    await own.open({ ...IDENTITY, voters: ['d'] })
    await own.close()
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
    const made = await place()
    const broken = [
      { term: 1, vote: '', firstIndex: 2, entries: [entry(1, 'gap')] },
      { term: 1, vote: '', firstIndex: 0, entries: [entry(1, 'nowhere')] },
      { term: 1.5, vote: '', firstIndex: 0, entries: [] },
      { term: 1, vote: '', firstIndex: -1, entries: [] },
    ]
    for (const record of broken) {
      const storage = await made.storage()
      await storage.open(IDENTITY)
      await expect(storage.persist(record)).rejects.toMatchObject({ code: 'RAFT_INVARIANT_BROKEN' })
      await storage.close()
    }
  })
}
