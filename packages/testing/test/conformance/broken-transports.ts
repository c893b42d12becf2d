import type { NodeId, Transport } from '@colony/host'
import type { TransportFactory } from '../../src/conformance/index.ts'
import { BROKEN_CALLS } from './broken-calls.ts'
import { BROKEN_CARRYING } from './broken-carrying.ts'
import { MAX_FRAME_BYTES, type TransportFault } from './transport-fault.ts'
import { memoryTransports, simulatedTransports } from './transport-factories.ts'

/** The name of a case, and what breaks the clause of exactly that case. */
export const BROKEN_TRANSPORTS: Readonly<Record<string, TransportFault>> = {
  ...BROKEN_CARRYING,
  ...BROKEN_CALLS,
}

/** Every node of it has the fault. */
export function brokenTransports(fault: TransportFault): TransportFactory {
  const factory = memoryTransports({ maxFrameBytes: MAX_FRAME_BYTES })
  return {
    ...factory,
    network: async () => {
      const network = await factory.network()
      const { occupied, clock } = network
      if (occupied === undefined || clock === undefined) throw new Error('the network in memory has both')
      const opened: NodeId[] = []
      const broken = (id: NodeId, inner: Transport): Transport => {
        return replaced(inner, fault(inner, { id, clock, opened }))
      }
      return {
        ...network,
        transport: async (id, observer) => broken(id, await network.transport(id, observer)),
        occupied: async (id) => {
          const { transport, free } = await occupied(id)
          return { transport: broken(id, transport), free }
        },
      }
    },
  }
}

/** On a network that loses frames, a transport whose `stream` is no better than its `send`. */
export function streamsByDatagram(): TransportFactory {
  const factory = simulatedTransports({ loss: 0.3 })
  return {
    ...factory,
    network: async () => {
      const network = await factory.network()
      return {
        ...network,
        transport: async (id, observer) => {
          const inner = await network.transport(id, observer)
          return replaced(inner, { stream: (to, channel, frame) => inner.send(to, channel, frame) })
        },
      }
    },
  }
}

function replaced(inner: Transport, methods: Partial<Transport>): Transport {
  const { contact = inner.contact?.bind(inner), stream = inner.stream?.bind(inner) } = methods
  return {
    ...(contact !== undefined && { contact }),
    ...(stream !== undefined && { stream }),
    get localAddress() {
      return 'localAddress' in methods ? methods.localAddress : inner.localAddress
    },
    get capabilities() {
      return methods.capabilities ?? inner.capabilities
    },
    open: methods.open ?? (async (self) => await inner.open(self)),
    send: methods.send ?? ((to, channel, frame) => inner.send(to, channel, frame)),
    receive: methods.receive ?? ((channel, handler) => inner.receive(channel, handler)),
    close: methods.close ?? (async () => await inner.close()),
  }
}
