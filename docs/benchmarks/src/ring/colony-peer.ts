import { createRing, type Placement, type RingNode } from '@colony/ring'
import { type Peer, type Placer, POINTS, REPLICAS } from './peer.ts'

/** What all of colony's strategies have in common. */
interface Snapshot extends Placement<RingNode> {
  with(node: RingNode): Snapshot
  without(id: string): Snapshot
}

/** Colony's ring with all defaults (160 points a node is one of them, named here to stay so). */
export function loadColonyRing(): Promise<Peer> {
  return Promise.resolve({ build: (ids) => placerOf(createRing(nodesOf(ids), { vnodes: POINTS })) })
}

function nodesOf(ids: readonly string[]): RingNode[] {
  return ids.map((id) => ({ id }))
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
