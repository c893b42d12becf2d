import { describe, expect, it } from 'vitest'
import { memoryStorage, RaftError, type RaftStorage } from '../../src/index.ts'
import { raftOf, startCluster } from './simulated.ts'

const THREE = ['a', 'b', 'c']

/** Storages that have no room for entries, or for anything, when a test says so. */
class FullDisks {
  readonly full = new Map<string, 'entries' | 'anything'>()
  readonly attempts = new Map<string, number>()

  of(id: string): RaftStorage {
    const storage = memoryStorage()
    return {
      open: (identity) => storage.open(identity),
      persist: async (record) => {
        this.attempts.set(id, (this.attempts.get(id) ?? 0) + 1)
        const full = this.full.get(id)
        if (full === 'anything' || (full === 'entries' && record.firstIndex > 0))
          throw new RaftError('RAFT_STORAGE_FULL', 'full', { retryable: true })
        await storage.persist(record)
      },
      close: () => storage.close(),
    }
  }
}

async function start(seed: number) {
  const disks = new FullDisks()
  const events: { type: string; node?: unknown; retryMs?: unknown }[] = []
  const cluster = await startCluster(
    seed,
    THREE,
    {},
    (id) => ({ storage: disks.of(id) }),
    (event) => {
      if (event.type.startsWith('raft.disk')) events.push(event)
    },
  )
  await cluster.world.run(100)
  return { ...cluster, disks, events }
}

describe('a full disk', () => {
  it('under a follower: it stays, and goes on by itself when there is room', async () => {
    const { world, leader, followers, disks, events } = await start(1)
    const [follower] = followers
    const id = follower?.id ?? ''
    disks.full.set(id, 'entries')
    await world.finish(raftOf(leader).propose({ add: 1 }))
    await world.run(1000)
    expect(raftOf(follower).status().role).toBe('follower')
    expect(raftOf(follower).metrics().storage.refusedWrites).toBeGreaterThan(2)
    expect(events.map(({ type, retryMs }) => [type, retryMs]).slice(0, 3)).toEqual([
      ['raft.disk-full', 100],
      ['raft.disk-full', 200],
      ['raft.disk-full', 400],
    ])
    disks.full.clear()
    await world.run(2000)
    expect(events.at(-1)).toMatchObject({ type: 'raft.disk-room-again', node: id })
    // It counts again: with the other follower away, the leader needs it.
    world.node(followers[1]?.id ?? '').crash()
    await world.finish(raftOf(leader).propose({ add: 1 }))
  })

  it('under a follower: it acknowledges nothing that it could not write', async () => {
    const { world, leader, followers, disks } = await start(2)
    const [follower, other] = followers
    disks.full.set(follower?.id ?? '', 'entries')
    world.node(other?.id ?? '').crash()
    const write = raftOf(leader).propose({ add: 1 }, { timeoutMs: 400 })
    await expect(world.finish(write)).rejects.toMatchObject({ outcome: 'unknown' })
  })

  it('under a leader: it hands over, and is elected no more while that lasts', async () => {
    const { world, leader, followers, disks } = await start(3)
    disks.full.set(leader.id, 'entries')
    await world.finish(raftOf(leader).propose({ add: 1 }))
    await world.run(500)
    expect(raftOf(leader).status().role).toBe('follower')
    for (const { id } of followers) world.node(id).crash()
    await world.run(5000)
    expect(raftOf(leader).status().role).toBe('follower')
  })

  it('under a follower: it votes all the same', async () => {
    const { world, leader, followers, disks } = await start(4)
    const [follower, other] = followers
    disks.full.set(follower?.id ?? '', 'entries')
    await world.finish(raftOf(leader).propose({ add: 1 }))
    world.node(leader.id).crash()
    await world.run(3000)
    expect(raftOf(other).status().role).toBe('leader')
    disks.full.clear()
    await world.finish(raftOf(other).propose({ add: 1 }))
  })

  it('with no room even for a vote: it does not vote, and does when there is room', async () => {
    const { world, leader, followers, disks } = await start(5)
    const [follower, other] = followers
    disks.full.set(follower?.id ?? '', 'anything')
    await world.finish(raftOf(leader).propose({ add: 1 }))
    world.node(leader.id).crash()
    await world.run(3000)
    expect(raftOf(other).status().role).not.toBe('leader')
    // A full disk is not asked over and over.
    expect(disks.attempts.get(follower?.id ?? '')).toBeLessThan(40)
    disks.full.clear()
    await world.run(6000)
    expect(raftOf(other).status().role).toBe('leader')
  })
})
