import { createWorld } from '@colony/testing'
import { lockConformance, type LockFactory } from '@colony/testing/conformance'
import { describe, test } from 'vitest'
import { memoryBackend } from '../../src/index.ts'

const FACTORY: LockFactory = {
  supports: ['fencing', 'shared', 'semaphore', 'owners', 'values', 'leases'],
  place: () => {
    const world = createWorld({ seed: 1 })
    const backend = memoryBackend({ clock: world.clock })
    return { backend: () => backend, clock: world.clock, finish: async (work) => await world.finish(work) }
  },
}

describe('locks in memory, in simulated time', () => {
  for (const { name, run } of lockConformance(FACTORY)) test(name, run)
})
