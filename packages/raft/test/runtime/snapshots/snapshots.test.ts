import { describe, expect, it } from 'vitest'
import { NotesCluster } from './notes-cluster.ts'

const THREE = ['a', 'b', 'c']
const SMALL = { snapshots: { everyEntries: 20, keepEntries: 5 } }

describe('taking snapshots', () => {
  it('is done every so many entries, and cuts the log but for a tail', async () => {
    const c = new NotesCluster(THREE, { snapshots: { everyEntries: 20, keepEntries: 40 } })
    await c.start()
    for (let round = 0; round < 5; round++) await c.add(20, 20 * round)
    await c.agree()
    await c.world.run(100)
    for (const id of THREE) {
      const core = c.core(id)
      expect(core.snapshot?.index).toBeGreaterThan(70)
      expect(core.firstIndex).toBe((core.snapshot?.index ?? 0) - 40 + 1)
      expect(core.lastIndex).toBeGreaterThan(100)
    }
    const saved = c.seen('raft.snapshot-saved')
    expect(saved.length).toBeGreaterThanOrEqual(9)
    expect(saved[0]).toMatchObject({
      index: expect.any(Number) as number,
      bytes: expect.any(Number) as number,
    })
  })

  it('can be asked for, and is not done twice of the same', async () => {
    const c = new NotesCluster(['a'])
    await c.start()
    await c.add(3)
    const first = await c.world.finish(c.raft('a').snapshot())
    expect(first.index).toBe(4)
    expect(await c.world.finish(c.raft('a').snapshot())).toEqual(first)
    expect(c.seen('raft.snapshot-saved')).toHaveLength(1)
    expect(c.core('a').snapshot).toMatchObject({ index: 4, term: 1, membership: { voters: ['a'] } })
  })

  it('a restarted node has the state of its snapshot and what the log adds to it', async () => {
    const c = new NotesCluster(['a'])
    await c.start()
    await c.add(3)
    await c.world.finish(c.raft('a').snapshot())
    await c.add(2, 3)
    await c.world.finish(c.raft('a').close())
    c.node('a').restart()
    await c.start()
    await c.add(1, 5)
    expect(c.machine('a').notes).toEqual(['n0', 'n1', 'n2', 'n3', 'n4', 'n5'])
    expect(c.machine('a').restores).toBe(1)
  })
})

describe('a follower far behind', () => {
  it('is sent the snapshot and then the log', async () => {
    const c = new NotesCluster(THREE, SMALL)
    const leader = await c.start()
    const away = THREE.find((id) => id !== leader.id) ?? ''
    c.world.fault({ at: c.world.now, do: 'partition', groups: [[away], THREE.filter((id) => id !== away)] })
    for (let round = 0; round < 5; round++) await c.add(20, 20 * round, 3000)
    c.world.fault({ at: c.world.now, do: 'heal' })
    await c.agree()
    await c.world.run(500)
    expect(c.machine(away).restores).toBe(1)
    expect(c.machine(away).notes).toHaveLength(100)
    expect(c.seen('raft.snapshot-installed', away)).toHaveLength(1)
    expect(c.seen('raft.snapshot-sent')).toHaveLength(1)
    expect(c.core(away).firstIndex).toBeGreaterThan(50)
    await c.add(3, 100)
    await c.agree()
  })
})
