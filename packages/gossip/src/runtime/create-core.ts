import type { Address } from '@colony/host'
import { GossipCore } from '../core/gossip-core.ts'
import type { DrivenCore } from './driven-core.ts'
import type { ResolvedOptions } from './options.ts'
import type { PacketSizes } from './packet-sizes.ts'
import type { SchemaShape } from './schema.ts'

/** What a core is given besides a node's options. */
export interface CoreSurroundings extends PacketSizes {
  readonly address: Address
  readonly epoch: number
}

/** The core of one node. */
export function createCore(
  options: ResolvedOptions<SchemaShape>,
  { address, epoch, packetBytes, streamBytes }: CoreSurroundings,
): DrivenCore {
  const { id, host, zone, timing, detector, bandwidth, admit, merge, wallNow } = options
  const now = host.clock.now()
  return new GossipCore(
    {
      ...{ id, address, zone, epoch, timing, detector, bandwidth, packetBytes, streamBytes },
      ...{ admit, merge },
      cluster: host.clusterId,
      random: host.random.fork('gossip'),
      wallOffsetMs: wallNow() - now,
    },
    now,
  )
}
