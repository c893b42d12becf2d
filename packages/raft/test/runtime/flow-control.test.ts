import { describe, expect, it } from 'vitest'
import { memoryStorage, type RaftStorage } from '../../src/index.ts'
import { RaftNode } from '../../src/runtime/raft-node.ts'
import { raftOf, startCluster, type Node } from './simulated.ts'

const THREE = ['a', 'b', 'c']
const WINDOW = 64 * 1024
const COMMAND = { big: 'x'.repeat(8000) }

/** Bytes under way from one node to another, as the leader counts them. */
function inflight(leader: Node, to: string): number {
  const raft = raftOf(leader)
  return raft instanceof RaftNode ? raft.core.inflightBytes(to) : 0
}

describe('a slow follower', () => {
  const fill = async (slow: 'narrow' | 'cut off') => {
    const { world, leader, followers } = await startCluster(1, THREE, { maxInflightBytes: WINDOW })
    const id = followers[0]?.id ?? ''
    if (slow === 'cut off') world.network.cut(leader.id, id)
    else world.network.configure({ bytesPerSecond: 50_000 }, { from: leader.id, to: id })
    let most = 0
    const began = world.now
    for (let count = 0; count < 40; count++) {
      const batch = Promise.all([1, 2, 3, 4].map(() => raftOf(leader).propose(COMMAND)))
      await world.finish(batch)
      most = Math.max(most, inflight(leader, id))
    }
    return { world, leader, id, most, tookMs: world.now - began }
  }

  it('never has more than the window under way, costs the others nothing, and catches up', async () => {
    const without = await fill('cut off')
    const { world, leader, id, most, tookMs } = await fill('narrow')
    expect(most).toBeLessThanOrEqual(WINDOW)
    expect(most).toBeGreaterThan(WINDOW / 2)
    expect(tookMs).toBeLessThan(without.tookMs * 1.1)
    const applied = (): number => raftOf(world.nodes.find((node) => node.id === id)).status().appliedIndex
    // A megabyte and more stood in the log, and nearly all of it waited there and not on the way.
    expect(applied()).toBeLessThan(60)
    world.network.configure({ bytesPerSecond: null })
    await world.runUntil(() => applied() === raftOf(leader).status().lastIndex, { withinMs: 20_000 })
  })
})

describe('a follower with a slow disk', () => {
  /** A disk that writes only while `gate.open`. */
  const gated = (gate: { open: boolean; held: (() => void)[] }): RaftStorage => {
    const storage = memoryStorage()
    const persist = storage.persist.bind(storage)
    return Object.assign(storage, {
      persist: async (record: Parameters<RaftStorage['persist']>[0]) => {
        if (!gate.open) await new Promise<void>((resolve) => gate.held.push(resolve))
        await persist(record)
      },
    })
  }

  it('queues no more than maxPendingBytes for it, and is sent again what it dropped', async () => {
    const gate = { open: true, held: [] as (() => void)[] }
    const limits = { maxCommandBytes: 10_000, maxPendingBytes: 20_000 }
    const { world, leader, followers } = await startCluster(1, THREE, { maxInflightBytes: WINDOW }, (id) =>
      id === 'c' ? { storage: gated(gate), priority: 0, ...limits } : { priority: id === 'a' ? 1 : 0 },
    )
    if (leader.id === 'c') throw new Error('another seed, please: the leader is to be another one')
    gate.open = false
    for (let count = 0; count < 20; count++) await world.finish(raftOf(leader).propose(COMMAND))
    const slow = followers.find(({ id }) => id === 'c')
    expect(raftOf(slow).metrics().dropped.overloaded).toBeGreaterThan(0)
    // What it took, not counting the one that was on its way when it was full.
    expect(raftOf(slow).status().lastIndex).toBeLessThan(7)
    gate.open = true
    for (const resolve of gate.held) resolve()
    const isEven = (): boolean => raftOf(slow).status().appliedIndex === raftOf(leader).status().lastIndex
    await world.runUntil(isEven, { withinMs: 10_000 })
    expect(raftOf(slow).status().role).toBe('follower')
  })
})
