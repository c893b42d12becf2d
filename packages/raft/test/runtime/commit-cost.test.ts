import { expect, it } from 'vitest'
import { memoryStorage, type RaftStorage } from '../../src/index.ts'
import { raftOf, startCluster } from './simulated.ts'

const COMMITS = 30

/** A storage that counts, by node, how often it was made to write. */
function counting(writes: Map<string, number>, id: string): RaftStorage {
  const storage = memoryStorage()
  const persist = storage.persist.bind(storage)
  storage.persist = (record) => {
    writes.set(id, (writes.get(id) ?? 0) + 1)
    return persist(record)
  }
  return storage
}

it('one commit at a time costs four messages, and one write a node', async () => {
  const writes = new Map<string, number>()
  const ids = ['a', 'b', 'c']
  const options = { electionTimeoutMs: 30_000, heartbeatIntervalMs: 10_000 }
  const { world, leader, followers } = await startCluster(5, ids, options, (id) => ({
    storage: counting(writes, id),
  }))
  const raft = raftOf(leader)
  await world.finish(raft.propose({ add: 1 }))
  // From one round of heartbeats on there is time until the next.
  const { sent } = world.network.stats
  await world.runUntil(() => world.network.stats.sent >= sent + 2)
  await world.run(1000)
  writes.clear()
  const before = world.network.stats.sent
  for (let commit = 0; commit < COMMITS; commit++) {
    await world.finish(raft.propose({ add: 1 }))
    // The slower follower too: frames of this network overtake each other, and what comes out of order is asked for again.
    await world.run(100)
  }
  expect(world.network.stats.sent - before).toBe(4 * COMMITS)
  expect([leader, ...followers].map(({ id }) => writes.get(id))).toEqual([COMMITS, COMMITS, COMMITS])
})
