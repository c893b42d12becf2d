import { describe, test } from 'vitest'
import type { ClockFactory, HostFactory } from '../../src/conformance/index.ts'
import { clockConformance, hostConformance } from '../../src/conformance/index.ts'
import { createWorld } from '../../src/index.ts'

const CLOCKS: Readonly<Record<string, ClockFactory>> = {
  'the clock of a world': {
    clock: () => {
      const world = createWorld({ seed: 1 })
      return { clock: world.clock, finish: async (work) => await world.finish(work) }
    },
  },
  'the clock of a simulated node': {
    clock: () => {
      const world = createWorld({ seed: 1 })
      const { clock } = world.addNode('a').host
      return { clock, finish: async (work) => await world.finish(work) }
    },
  },
  'the clock of a simulated node that runs fast': {
    clock: () => {
      const world = createWorld({ seed: 1 })
      const node = world.addNode('a')
      node.setClock({ rate: 1.7, jumpMs: 100 })
      return { clock: node.host.clock, finish: async (work) => await world.finish(work) }
    },
  },
}

describe.each(Object.entries(CLOCKS))('%s', (_name, factory) => {
  for (const { name, run } of clockConformance(factory)) test(name, run)
})

const hosts: HostFactory = {
  place: () => {
    const world = createWorld({ seed: 1 })
    return { host: (id) => world.addNode(id).host, finish: async (work) => await world.finish(work) }
  },
}

describe('hosts of simulated nodes', () => {
  for (const { name, run } of hostConformance(hosts)) test(name, run)
})
