import type { Observer } from '@colony/host'
import type { MemoryTransportOptions } from '@colony/host/memory'
import { createMemoryNetwork } from '@colony/host/memory'
import type { NetworkOptions } from '../../src/index.ts'
import { createWorld } from '../../src/index.ts'
import type { TransportFactory } from '../../src/conformance/index.ts'

/** The simulated network. */
export function simulatedTransports(network: NetworkOptions = {}): TransportFactory {
  return {
    supports: ['addresses', 'bounded', 'observer', 'contact', 'stream'],
    deadlineMs: 20_000,
    network: () => {
      const told = new Map<string, Observer>()
      const world = createWorld({
        seed: 1,
        network,
        failOnHandlerError: false,
        observer: (event, id) => told.get(id)?.(event),
      })
      return {
        transport: (id, observer) => {
          told.set(id, observer)
          const known = world.nodes.find((node) => node.id === id)
          if (known === undefined) return world.addNode(id).host.transport
          known.restart()
          return known.host.transport
        },
        settle: async () => await world.sleep(2000),
        clock: world.clock,
        finish: async (work) => await world.finish(work, { withinMs: 1e9 }),
      }
    },
  }
}

/** The network in memory, in simulated time: what cases wait for in vain costs nothing. */
export function memoryTransports(limits: MemoryTransportOptions = {}): TransportFactory {
  return {
    supports: [
      'ordered',
      'reliable',
      'addresses',
      'connections',
      'bounded',
      'observer',
      'contact',
      'occupied',
    ],
    network: () => {
      const world = createWorld({ seed: 1 })
      const network = createMemoryNetwork({ clock: world.clock })
      return {
        transport: (_id, observer) => network.transport({ ...limits, observer }),
        occupied: async (id) => {
          const occupant = network.transport()
          await occupant.open(id)
          return { transport: network.transport(limits), free: async () => await occupant.close() }
        },
        clock: world.clock,
        finish: async (work) => await world.finish(work, { withinMs: 1e9 }),
      }
    },
  }
}
