import type { Host } from '@colony/host'
import type { RaftStorage, StorageIdentity, StoredState } from '../../src/index.ts'
import { readFormat1 } from './format-1.ts'

/** Is told of frames that a node of format 1 would not have survived. */
export type OnFatal = (from: string, frame: Uint8Array) => void

/**
 * Makes a node of this version one of format 1, as far as the others can see: what such a node does not know it neither sends nor understands. It is the same program, so it votes
 * and replicates as it ever did, and never hears what it would need to write anything newer.
 */
export function format1Host(host: Host, onFatal: OnFatal): Host {
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
      receive: (channel, handler) =>
        transport.receive(channel, (from, frame) => {
          const reading = readFormat1(frame)
          if (reading === 'fatal') onFatal(from, frame)
          else if (reading === 'understood') handler(from, frame)
        }),
      close: () => transport.close(),
      send: (to, channel, frame) =>
        readFormat1(frame) === 'understood' ? transport.send(to, channel, frame) : true,
    },
  }
}

/** The storage of such a node: of what it gives back, format 1 knew less. */
export function format1Storage(storage: RaftStorage): RaftStorage {
  const open = storage.open.bind(storage)
  return Object.assign(storage, {
    open: async (identity: StorageIdentity): Promise<StoredState> => {
      const fields = Object.entries(await open(identity)).filter(([name]) => name !== 'incarnation')
      return Object.fromEntries(fields) as unknown as StoredState
    },
  })
}
