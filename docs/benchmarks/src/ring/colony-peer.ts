import { createRing, type Placement, type RingNode } from '@colony/ring'
import { createMaglev, createPartitions, createRendezvous } from '@colony/ring/strategies'
import { type Peer, type Placer, POINTS, REPLICAS } from './peer.ts'

/** Partitions enough for 1000 nodes. */
const PARTITIONS = 65_536

/** What all of colony's strategies have in common. */
interface Snapshot extends Placement<RingNode> {
  with(node: RingNode): Snapshot
  without(id: string): Snapshot
}

/** Colony's ring with all defaults (160 points a node is one of them, named here to stay so). */
export function loadColonyRing(): Promise<Peer> {
  return peerOf((nodes) => createRing(nodes, { vnodes: POINTS }))
}

/** Fixed partitions without a bound. */
export function loadColonyPartitions(): Promise<Peer> {
  return peerOf((nodes) => createPartitions(nodes, { count: PARTITIONS }))
}

/** Maglev with all defaults. */
export function loadColonyMaglev(): Promise<Peer> {
  return peerOf((nodes) => createMaglev(nodes))
}

/** Rendezvous with all defaults. */
export function loadColonyRendezvous(): Promise<Peer> {
  return peerOf((nodes) => createRendezvous(nodes))
}

function peerOf(create: (nodes: readonly RingNode[]) => Snapshot): Promise<Peer> {
  return Promise.resolve({ build: (ids) => placerOf(create(ids.map((id) => ({ id })))) })
}

function placerOf(snapshot: Snapshot): Placer {
  return {
    owner: (key) => snapshot.owner(key),
    idOf: (answer) => (answer as RingNode | undefined)?.id,
    replicas: (key) => snapshot.replicas(key, REPLICAS),
    add: (id) => placerOf(snapshot.with({ id })),
    remove: (id) => placerOf(snapshot.without(id)),
  }
}
