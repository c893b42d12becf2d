import type { Host, NodeId } from '@colony/host'
import type { Message } from '../../src/index.ts'
import { decodeFrame } from '../../src/runtime/wire.ts'

/** A host that shows every message of a core that is sent over it. */
export function watchedHost(host: Host, self: NodeId, sending: (message: Message) => void): Host {
  const { transport } = host
  return {
    clusterId: host.clusterId,
    clock: host.clock,
    random: host.random,
    addresses: host.addresses,
    ...(host.observer && { observer: host.observer }),
    open: (id) => host.open(id),
    transport: {
      capabilities: transport.capabilities,
      open: (id) => transport.open(id),
      receive: (channel, handler) => transport.receive(channel, handler),
      close: () => transport.close(),
      send(to, channel, frame) {
        const decoded = decodeFrame(frame, self, to)
        if (!decoded.ok) throw decoded.error
        if ('from' in decoded.value) sending(decoded.value)
        return transport.send(to, channel, frame)
      },
    },
  }
}
