import { describe, expect, it } from 'vitest'
import { memoryStorage, type RaftEvents, type RaftStorage } from '../../src/index.ts'
import { raftOf, startCluster } from './simulated.ts'

const THREE = ['a', 'b', 'c']
const STALL_MS = 1600

/** Storages whose writes fail or hang when a test says so. */
class TroubledDisks {
  readonly failing = new Set<string>()
  readonly hanging = new Map<string, (() => void)[]>()

  /** The storage of one node. */
  of(id: string): RaftStorage {
    const storage = memoryStorage()
    return {
      open: (identity) => storage.open(identity),
      persist: async (record) => {
        if (this.failing.has(id)) throw new Error('ENOSPC')
        const waiting = this.hanging.get(id)
        if (waiting !== undefined) await new Promise<void>((resolve) => waiting.push(resolve))
        await storage.persist(record)
      },
      close: () => storage.close(),
    }
  }

  hang(id: string): void {
    this.hanging.set(id, [])
  }

  letGo(id: string): void {
    const waiting = this.hanging.get(id) ?? []
    this.hanging.delete(id)
    for (const resume of waiting) resume()
  }
}

async function start(seed: number, ids: readonly string[]) {
  const disks = new TroubledDisks()
  const stalls: Record<string, unknown>[] = []
  const cluster = await startCluster(
    seed,
    ids,
    {},
    (id) => ({ storage: disks.of(id) }),
    (event) => {
      if (event.type === 'raft.disk-stall') stalls.push(event)
    },
  )
  await cluster.world.run(100)
  return { ...cluster, disks, stalls }
}

describe('a disk that fails', () => {
  it('under a leader: it hands over before it stops, and nobody waits for an election timeout', async () => {
    const { world, leader, followers, disks } = await start(20, THREE)
    const stopped: RaftEvents['stopped'][] = []
    raftOf(leader).on('stopped', (event) => stopped.push(event))
    disks.failing.add(leader.id)
    const began = world.now
    const write = world.finish(raftOf(leader).propose({ add: 1 }))
    await expect(write).rejects.toMatchObject({ code: 'RAFT_STOPPED', outcome: 'unknown' })
    expect(stopped[0]?.error.code).toBe('RAFT_STORAGE_FAILED')
    await world.finish(raftOf(followers[0]).propose({ add: 1 }))
    expect(world.now - began).toBeLessThan(100)
    // What the leader had sent was committed by the others.
    expect((await world.finish(raftOf(followers[0]).read((machine) => machine.value))).value).toBe(2)
  })

  it('under a leader that is cut off: it stops although it could not hand over, within an election timeout', async () => {
    const { world, leader, followers, disks } = await start(2, THREE)
    world.network.partition([[leader.id], followers.map(({ id }) => id)])
    disks.failing.add(leader.id)
    const began = world.now
    const write = world.finish(raftOf(leader).propose({ add: 1 }))
    await expect(write).rejects.toMatchObject({ code: 'RAFT_STOPPED' })
    expect(world.now - began).toBeLessThan(500)
  })

  it('under a follower: it stops at once', async () => {
    const { world, leader, followers, disks } = await start(3, THREE)
    const [follower] = followers
    const stopped: RaftEvents['stopped'][] = []
    raftOf(follower).on('stopped', (event) => stopped.push(event))
    disks.failing.add(follower?.id ?? '')
    await world.finish(raftOf(leader).propose({ add: 1 }))
    await world.run(10)
    expect(stopped).toHaveLength(1)
  })

  it('nothing is written any more once a write failed', async () => {
    const { world, leader, disks } = await start(4, THREE)
    let writes = 0
    disks.failing.has = () => {
      writes++
      return true
    }
    const some = Array.from({ length: 5 }, () =>
      raftOf(leader)
        .propose({ add: 1 })
        .catch(() => {}),
    )
    await world.finish(Promise.all(some))
    await world.run(1000)
    // One at each node: the leader's is its last, and the others stop when theirs fails.
    expect(writes).toBeLessThanOrEqual(3)
  })
})

describe('a disk that hangs', () => {
  it('under a leader: the observer is told, and it hands over', async () => {
    const { world, leader, disks, stalls } = await start(5, THREE)
    disks.hang(leader.id)
    // Committed all the same: two others have it.
    await world.finish(raftOf(leader).propose({ add: 1 }))
    const began = world.now
    await world.runUntil(() => raftOf(leader).status().role !== 'leader', { withinMs: STALL_MS + 100 })
    expect(world.now - began).toBeGreaterThan(STALL_MS - 100)
    expect(stalls).toMatchObject([{ node: leader.id, level: 'warn' }])
    expect(stalls[0]?.['ms']).toBeGreaterThanOrEqual(STALL_MS)
  })

  it('under a node: it stands for no election until a write has finished', async () => {
    const { world, leader, followers, disks } = await start(6, THREE)
    const [hung, other] = followers
    disks.hang(hung?.id ?? '')
    await world.finish(raftOf(leader).propose({ add: 1 }))
    await world.run(STALL_MS + 100)
    world.network.partition([[leader.id], [hung?.id ?? '', other?.id ?? '']])
    const terms = new Set<number>()
    world.invariant('terms', () => {
      if (raftOf(hung).status().role !== 'follower') terms.add(raftOf(hung).status().term)
    })
    await world.run(3000)
    expect(terms).toEqual(new Set())
    other?.pause()
    world.network.heal()
    world.network.partition([[other?.id ?? ''], [leader.id, hung?.id ?? '']])
    disks.letGo(hung?.id ?? '')
    await world.runUntil(
      () => raftOf(hung).status().role === 'leader' || raftOf(leader).status().role === 'leader',
    )
  })

  it('for less than the limit is nothing to speak of', async () => {
    const { world, leader, disks, stalls } = await start(7, THREE)
    const { term } = raftOf(leader).status()
    for (let i = 0; i < 5; i++) {
      disks.hang(leader.id)
      const write = raftOf(leader).propose({ add: 1 })
      await world.run(STALL_MS - 200)
      disks.letGo(leader.id)
      await world.finish(write)
    }
    expect(stalls).toEqual([])
    expect(raftOf(leader).status()).toMatchObject({ role: 'leader', term })
  })
})
