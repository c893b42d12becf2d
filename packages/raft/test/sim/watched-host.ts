import type { Host, NodeId } from '@colony/host'
import type { Message } from '../../src/index.ts'
import { decodeFrame, type DriverMessage } from '../../src/runtime/wire.ts'
import type { Passing } from './rules/facts.ts'

/** Is shown what passes between nodes. */
export interface MessageObserver {
  sending(passing: Passing): void
  receiving(passing: Passing): void
}

/** A host that shows every message that is sent and received over it. `mostFrameBytes`: on links that take no larger frames. */
export function watchedHost(
  host: Host,
  self: NodeId,
  observer: MessageObserver,
  mostFrameBytes: number = Infinity,
): Host {
  const { transport, clock } = host
  const { capabilities } = transport
  const maxFrameBytes = Math.min(capabilities.maxFrameBytes, mostFrameBytes)
  const pass = (from: NodeId, to: NodeId, peer: NodeId, frame: Uint8Array): Passing => {
    return { peer, message: decoded(frame, from, to), localMs: clock.now() }
  }
  return {
    clusterId: host.clusterId,
    clock,
    random: host.random,
    addresses: host.addresses,
    ...(host.observer && { observer: host.observer }),
    open: (id) => host.open(id),
    transport: {
      capabilities: { ...capabilities, maxFrameBytes },
      open: (id) => transport.open(id),
      receive: (channel, handler) =>
        transport.receive(channel, (from, frame) => {
          observer.receiving(pass(from, self, from, frame))
          handler(from, frame)
        }),
      close: () => transport.close(),
      send(to, channel, frame) {
        observer.sending(pass(self, to, to, frame))
        return transport.send(to, channel, frame)
      },
    },
  }
}

function decoded(frame: Uint8Array, from: NodeId, to: NodeId): Message | DriverMessage {
  const result = decodeFrame(frame, from, to)
  if (!result.ok) throw result.error
  return result.value
}
