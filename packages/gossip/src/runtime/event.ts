import type { Address, NodeId } from '@colony/host'
import type { Verdict } from '../core/members/member.ts'
import type { DroppedEvents } from './event-stream.ts'
import type { Peer } from './peer.ts'
import type { KeyOf, SchemaShape, StateOf, ValueAt } from './schema.ts'

/**
 * How a member's standing can change.
 *
 * - `'join'`: a member that was not known, or had failed or left, is there;
 * - `'suspect'`: somebody got no answer from it; it is a member still;
 * - `'recover'`: it was suspected, and has answered;
 * - `'fail'`: it did not refute in time;
 * - `'leave'`: it said goodbye, or was removed.
 * @category Members
 */
export type StatusChange = 'join' | 'suspect' | 'recover' | 'fail' | 'leave'

/**
 * A change of how a member stands, with the evidence.
 * @category Members
 */
export interface StatusEvent<Shape extends SchemaShape, Type extends StatusChange = StatusChange> {
  /** Which change. */
  readonly type: Type
  /** Who, as it stands after it. */
  readonly peer: Peer<StateOf<Shape>>
  /** Who said so, how it was found out, and how well this node was itself. */
  readonly why: Verdict
}

/**
 * What a node tells: of its peers, of the cluster, and of itself. Never of itself as of a peer.
 * @category Members
 */
export type GossipEvent<Shape extends SchemaShape> =
  | { [Type in StatusChange]: StatusEvent<Shape, Type> }[StatusChange]
  /** A member that had failed or left is not remembered any longer. */
  | { readonly type: 'forget'; readonly peer: Peer<StateOf<Shape>> }
  /** A member's address or zone is another. */
  | {
      readonly type: 'move'
      readonly peer: Peer<StateOf<Shape>>
      readonly previous: { readonly address: Address; readonly zone: string }
    }
  /** A key of a peer's state has another value; `undefined`: none any more. Only keys that the schema has, and values that it can decode. */
  | {
      readonly type: 'update'
      readonly peer: Peer<StateOf<Shape>>
      readonly key: KeyOf<Shape>
      readonly value: ValueAt<Shape, KeyOf<Shape>> | undefined
    }
  /** Two processes claim one id: one of them must be given another. */
  | { readonly type: 'conflict'; readonly id: NodeId; readonly addresses: readonly Address[] }
  /** Somebody has removed this node: it takes no part any more, and closes. A process that is to come back has to start anew. */
  | { readonly type: 'removed'; readonly why: Verdict }
  /** This node was alone, and has found somebody. */
  | { readonly type: 'joined'; readonly peers: number }
  /** Two parts of the cluster have found each other again: so many members that were taken for failed are back. */
  | { readonly type: 'healed'; readonly members: number }
  /** Whether this node sees most of the cluster has changed: see {@link Gossip.isMajority}. */
  | { readonly type: 'majority'; readonly held: boolean; readonly present: number; readonly known: number }
  /** This node's own health changed: 0 is well, 8 is worst. */
  | { readonly type: 'health'; readonly score: number; readonly reasons: readonly string[] }
  /** A packet of another cluster came and was ignored. At most once a minute and sender. */
  | { readonly type: 'wrong-cluster'; readonly from: NodeId }

/**
 * What {@link Gossip.events} gives: events in the order in which they happened, and in the place of those that a slow reader missed, how many they were.
 * @category Members
 */
export type StreamedEvent<Shape extends SchemaShape> = GossipEvent<Shape> | DroppedEvents

/**
 * Each event's name and what its listeners get.
 * @category Members
 */
export type GossipEvents<Shape extends SchemaShape> = {
  [Type in GossipEvent<Shape>['type']]: Extract<GossipEvent<Shape>, { readonly type: Type }>
}
