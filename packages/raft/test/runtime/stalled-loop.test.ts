import { createRandom } from '@colony/host'
import type { World } from '@colony/testing'
import { describe, expect, it } from 'vitest'
import type { Raft } from '../../src/index.ts'
import { raftOf, startCluster, type Node, type Register } from './simulated.ts'

const THREE = ['a', 'b', 'c']
const TIMES = 20
/** Defaults. */
const ELECTION_MS = 400
const HEARTBEAT_MS = 50

/** Every change of role or term at any node, from now on. */
function watchRoles(world: World<Raft<Register>>): readonly string[] {
  const seen: string[] = []
  for (const node of world.nodes) {
    raftOf(node).on('role', ({ role, term }) => seen.push(`${node.id} ${role} ${term}`))
  }
  return seen
}

/** The event loop of a node does nothing for a while, and then finds its expired timers before what has arrived: a long computation is to others what a stopped process is. */
async function stall(world: World<Raft<Register>>, node: Node | undefined, ms: number): Promise<void> {
  node?.pause()
  await world.run(ms)
  node?.resume()
  await world.run(1000)
}

describe('a stalled event loop, at default settings', () => {
  it.each([ELECTION_MS, 2 * ELECTION_MS, 5000])('of %d ms on a follower causes no election', async (ms) => {
    for (let seed = 1; seed <= TIMES; seed++) {
      const { world, followers } = await startCluster(seed, THREE)
      const seen = watchRoles(world)
      const random = createRandom(seed, 'stalls')
      await world.run(random.integer(1, 200))
      await stall(world, followers[random.integer(0, 1)], ms)
      expect(seen, `seed ${seed}`).toEqual([])
    }
  })

  it('of 400 ms on a follower with calls under way causes no election either', async () => {
    for (let seed = 1; seed <= TIMES; seed++) {
      const { world, leader, followers } = await startCluster(seed, THREE)
      const seen = watchRoles(world)
      const [follower] = followers
      const calls = [leader, ...followers].map((node) => raftOf(node).propose({ add: 1 }))
      await stall(world, follower, ELECTION_MS)
      await world.finish(Promise.all(calls))
      expect(seen, `seed ${seed}`).toEqual([])
    }
  })

  it('on the leader, for less than followers wait after a heartbeat, costs it nothing', async () => {
    for (let seed = 1; seed <= TIMES; seed++) {
      const { world, leader } = await startCluster(seed, THREE)
      const seen = watchRoles(world)
      const random = createRandom(seed, 'stalls')
      await world.run(random.integer(1, 200))
      // It may have begun right before the next heartbeat, and that takes its time on the way.
      await stall(world, leader, ELECTION_MS - HEARTBEAT_MS - 10)
      expect(seen, `seed ${seed}`).toEqual([])
    }
  })

  it('on the leader again and again, with pauses to breathe, costs it nothing either', async () => {
    const { world, leader } = await startCluster(1, THREE)
    const seen = watchRoles(world)
    for (let times = 0; times < TIMES; times++) {
      leader.pause()
      await world.run(ELECTION_MS - HEARTBEAT_MS - 10)
      leader.resume()
      await world.run(HEARTBEAT_MS)
    }
    expect(seen).toEqual([])
  })
})
