import { type TransportFactory, transportConformance } from '@colony/testing/conformance'
import { test } from 'vitest'
import { createMemoryNetwork } from '../../src/memory/index.ts'

const factory: TransportFactory = {
  supports: ['ordered', 'reliable', 'addresses', 'connections', 'bounded', 'observer', 'contact', 'occupied'],
  deadlineMs: 15_000,
  network: () => {
    const network = createMemoryNetwork()
    const limits = { maxFrameBytes: 256 * 1024 }
    return {
      transport: (_id, observer) => network.transport({ ...limits, observer }),
      occupied: async (id) => {
        const occupant = network.transport()
        await occupant.open(id)
        return { transport: network.transport(limits), free: async () => await occupant.close() }
      },
    }
  },
}

for (const { name, run } of transportConformance(factory)) test(name, run)
