import type { ObservedEvent } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { memoryStorage, type RaftStorage, type StorageIdentity } from '../../src/index.ts'
import { raftOf, startCluster } from './simulated.ts'

/** A storage that found damage in a log that had gone up to 2 in term 1, and has nothing left of it. */
function damagedStorage(): RaftStorage {
  const storage = memoryStorage()
  const open = storage.open.bind(storage)
  return Object.assign(storage, {
    open: async (identity: StorageIdentity) => ({
      ...(await open(identity)),
      term: 1,
      lost: { index: 2, term: 1 },
    }),
  })
}

describe('a node whose log was damaged', () => {
  it('tells when it has everything again, once', async () => {
    const events: ObservedEvent[] = []
    const { world, leader } = await startCluster(
      1,
      ['a', 'b', 'c'],
      {},
      (id) => (id === 'c' ? { storage: damagedStorage() } : {}),
      (event) => {
        if (event.type === 'raft.entries-regained') events.push(event)
      },
    )
    for (let count = 0; count < 3; count++) await world.finish(raftOf(leader).propose({ add: 1 }))
    await world.run(1000)
    expect(events).toMatchObject([{ node: 'c', level: 'info', index: 2, term: 1 }])
    expect(raftOf(world.node('c')).status().commitIndex).toBeGreaterThan(2)
  })
})
