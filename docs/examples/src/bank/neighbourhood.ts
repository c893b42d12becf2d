import { createGossip, defineSchema, type Gossip } from '@colony/gossip'
import type { Address, AddressBook, NodeId } from '@colony/host'
import { nodeHost } from '@colony/host/node'
import { CLUSTER_ID } from './bank-protocol.ts'

/** Where a process takes part in the bank: its port of raft and of questions. */
const schema = defineSchema({ bank: 'string' })

/** A process's view of the others. */
export type Neighbourhood = Gossip<typeof schema.shape>

/** What a process brings when it joins the others. */
export interface NeighbourhoodOptions {
  readonly id: NodeId
  /** Where it takes part in the bank. */
  readonly bank: Address
  /** Where others gossip. One that answers is enough; without any, this process waits to be found. */
  readonly seeds: readonly Address[]
  /** Learns where the others are. */
  readonly addresses: AddressBook
  /** Others whose addresses are given: they are reached through proxies, which can be cut. */
  readonly fixed: ReadonlySet<NodeId>
}

/**
 * Everybody who takes part in the bank, nodes and clients: found by gossip, which also tells where each of them is just now. A restarted node has another port: who it is stays, where it is changes.
 */
export async function joinNeighbourhood(options: NeighbourhoodOptions): Promise<Neighbourhood> {
  const { id, bank, seeds, addresses, fixed } = options
  const gossip = await createGossip({
    id,
    host: nodeHost({ clusterId: CLUSTER_ID, listen: '127.0.0.1:0', transport: 'udp' }),
    seeds,
    state: schema,
    initial: { bank },
    profile: 'local',
    advanced: { probeIntervalMs: 500 },
  })
  gossip.watch(
    'bank',
    ({ peer, value }) => {
      if (value !== undefined && peer.id !== id && !fixed.has(peer.id)) addresses.set(peer.id, value)
    },
    { initial: true },
  )
  return gossip
}
