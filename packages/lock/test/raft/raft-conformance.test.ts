import { lockConformance, type LockFactory } from '@colony/testing/conformance'
import { describe, test } from 'vitest'
import { raftBackend } from '../../src/raft/index.ts'
import { on, startGroup } from './simulated-group.ts'

const FACTORY: LockFactory = {
  supports: ['fencing', 'shared', 'semaphore', 'owners', 'values', 'leases'],
  leaseMs: 1000,
  deadlineMs: 10_000,
  place: async () => {
    const { world } = await startGroup(1)
    let made = 0
    return {
      // Processes of the group in turn, and several backends of one process.
      backend: () => {
        const node = world.nodes[made++ % world.nodes.length]
        const random = world.random.fork(`backend ${made}`)
        return raftBackend(on(node).raft, { clock: world.clock, random })
      },
      clock: world.clock,
      finish: async (work) => await world.finish(work),
    }
  },
}

describe('locks in a raft group, in simulated time', () => {
  for (const { name, run } of lockConformance(FACTORY)) test(name, run)
})
