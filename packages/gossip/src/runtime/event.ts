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
 * A member that had failed or left is not remembered any longer.
 * @category Members
 */
export interface ForgetEvent<Shape extends SchemaShape> {
  /** Which event. */
  readonly type: 'forget'
  /** Who, as it stood last. */
  readonly peer: Peer<StateOf<Shape>>
}

/**
 * A member's address or zone is another.
 * @category Members
 */
export interface MoveEvent<Shape extends SchemaShape> {
  /** Which event. */
  readonly type: 'move'
  /** Who, where it is now. */
  readonly peer: Peer<StateOf<Shape>>
  /** Where it was before. */
  readonly previous: Pick<Peer, 'address' | 'zone'>
}

/**
 * A key of a peer's state has another value. Only of keys that the schema has, and of values that it can decode.
 * @category State
 */
export interface UpdateEvent<Shape extends SchemaShape> {
  /** Which event. */
  readonly type: 'update'
  /** Whose state. */
  readonly peer: Peer<StateOf<Shape>>
  /** Which key. */
  readonly key: KeyOf<Shape>
  /** What it holds now; `undefined`: nothing any more. */
  readonly value: ValueAt<Shape, KeyOf<Shape>> | undefined
}

/**
 * Two processes claim one id: one of them must be given another.
 * @category Members
 */
export interface ConflictEvent {
  /** Which event. */
  readonly type: 'conflict'
  /** Which id. */
  readonly id: NodeId
  /** Where they are. */
  readonly addresses: readonly Address[]
}

/**
 * Somebody has removed this node: it takes no part any more, and closes. A process that is to come back has to start anew.
 * @category Node
 */
export interface RemovedEvent {
  /** Which event. */
  readonly type: 'removed'
  /** Who did. */
  readonly why: Verdict
}

/**
 * This node was alone, and has found somebody.
 * @category Node
 */
export interface JoinedEvent {
  /** Which event. */
  readonly type: 'joined'
  /** How many others are known. */
  readonly peers: number
}

/**
 * Two parts of the cluster have found each other again.
 * @category Members
 */
export interface HealedEvent {
  /** Which event. */
  readonly type: 'healed'
  /** How many members that were taken for failed are back. */
  readonly members: number
}

/**
 * Whether this node sees most of the cluster has changed: see {@link Gossip.isMajority}.
 * @category Members
 */
export interface MajorityEvent {
  /** Which event. */
  readonly type: 'majority'
  /** Whether it does. */
  readonly held: boolean
  /** Members that are alive or suspect, this node included. */
  readonly present: number
  /** Members that are known and have not left. */
  readonly known: number
}

/**
 * This node's own health has changed.
 * @category Node
 */
export interface HealthEvent {
  /** Which event. */
  readonly type: 'health'
  /** 0 is well, 8 is worst. */
  readonly score: number
  /** Why, in words. */
  readonly reasons: readonly string[]
}

/**
 * A packet of another cluster came and was ignored. Told at most once a minute and sender.
 * @category Node
 */
export interface WrongClusterEvent {
  /** Which event. */
  readonly type: 'wrong-cluster'
  /** Who sent it, as the transport says. */
  readonly from: NodeId
}

/**
 * What a node tells: of its peers, of the cluster, and of itself. Never of itself as of a peer.
 * @category Members
 */
export type GossipEvent<Shape extends SchemaShape> =
  | StatusEvent<Shape, 'join'>
  | StatusEvent<Shape, 'suspect'>
  | StatusEvent<Shape, 'recover'>
  | StatusEvent<Shape, 'fail'>
  | StatusEvent<Shape, 'leave'>
  | ForgetEvent<Shape>
  | MoveEvent<Shape>
  | UpdateEvent<Shape>
  | ConflictEvent
  | RemovedEvent
  | JoinedEvent
  | HealedEvent
  | MajorityEvent
  | HealthEvent
  | WrongClusterEvent

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
  [Type in GossipEvent<Shape>['type']]: Extract<
    GossipEvent<Shape>,
    {
      /** The name. */
      readonly type: Type
    }
  >
}
