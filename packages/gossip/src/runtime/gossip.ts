/// <reference lib="esnext.disposable" preserve="true" />
import type { Address, Codec, NodeId } from '@colony/host'
import type { MemberStatus, Verdict } from '../core/members/member.ts'
import type { GossipEvent, GossipEvents, StreamedEvent } from './event.ts'
import type { MemberChange } from './member-changes.ts'
import type {
  Answer,
  AnswerOptions,
  BroadcastOptions,
  BroadcastResult,
  MessageMeta,
  QueryOptions,
  TopicOptions,
} from './messages.ts'
import type { GossipMetrics } from './metrics.ts'
import type { Peer, Peers } from './peer.ts'
import type { KeyOf, SchemaShape, StateOf, ValueAt } from './schema.ts'

/**
 * How to wait for others.
 * @category Node
 */
export interface ReadyOptions {
  /** How many others must be there, 0 to 1,000,000. Default 1. */
  readonly minPeers?: number
  /** Longest wait, in milliseconds, 1 to 2^31 - 1. Default 10,000. */
  readonly timeoutMs?: number
  /** Gives up waiting: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

/**
 * How to say goodbye.
 * @category Node
 */
export interface LeaveOptions {
  /** Longest wait for acknowledgements, in milliseconds, 1 to 600,000. Default 3,000. */
  readonly timeoutMs?: number
  /** How many others must know before it is over, 0 to 100; fewer when there are fewer. Default 3. */
  readonly acknowledgements?: number
}

/**
 * How to set a key.
 * @category State
 */
export interface SetOptions {
  /** After how long the key deletes itself, everywhere, in milliseconds, 1 to 2^31 - 1. Default: never. */
  readonly ttlMs?: number
}

/**
 * How to read the stream of events.
 * @category Members
 */
export interface EventsOptions {
  /** Ends the loop. */
  readonly signal?: AbortSignal
  /** How many events may wait for the reader before the oldest are dropped, 1 to 1,000,000. Default 1,024. */
  readonly bufferedEvents?: number
}

/**
 * How to listen.
 * @category Members
 */
export interface WatchOptions {
  /** Stops listening. */
  readonly signal?: AbortSignal
  /** Whether the listener is told at once what is there already. Default `false`. */
  readonly initial?: boolean
}

/**
 * One change of somebody's state.
 * @category State
 */
export interface StateChange<Shape extends SchemaShape> {
  /** Whose key it is; this node itself, too. */
  readonly peer: Peer<StateOf<Shape>>
  /** Which key. */
  readonly key: KeyOf<Shape>
  /** What it holds now; `undefined`: it was deleted, or its time was over. Of an owner that is forgotten there is the event `forget` alone. */
  readonly value: ValueAt<Shape, KeyOf<Shape>> | undefined
}

/**
 * A value that everybody may write, for configuration: the latest write wins, by a clock that never runs behind what it has seen (hybrid
 * logical clock). Eventually everybody has the same; until then nodes may differ, and of two writes at the same time one is lost.
 * @category State
 */
export interface Shared<Value> {
  /** Which one. */
  readonly key: string
  /** As it is known here; `undefined` where there is none, or none that the codec can decode. */
  readonly value: Value | undefined
  /** Who wrote it. */
  readonly by: NodeId | undefined
  /** Writes it. @throws A {@link GossipError}: `GOSSIP_VALUE_NOT_ENCODABLE`, `GOSSIP_TOO_LARGE`, `GOSSIP_STATE_FULL`, `GOSSIP_CLOSED`. */
  set(value: Value): void
  /** Takes it away. @throws A {@link GossipError} with code `GOSSIP_CLOSED`. */
  delete(): void
  /** Calls `listener` after every change from now on. Dispose of the result to stop. */
  on(listener: (value: Value | undefined) => void, options?: { readonly signal?: AbortSignal }): Disposable
}

/**
 * How well this node is itself. A node that is not well waits longer before it accuses others (Lifeguard, section IV-A).
 * @category Node
 */
export interface GossipHealth {
  /** 0 is well, 8 is worst. */
  readonly score: number
  /** How late the event loop has come to its timers of late, in milliseconds; fades within a minute. */
  readonly loopLagMs: number
  /** Why the score is what it is, in words; empty where it is 0. */
  readonly reasons: readonly string[]
  /** How many others are known, by how they stand. */
  readonly peers: Readonly<Record<MemberStatus, number>>
  /** Whether anybody else is there, or nobody was ever asked for. */
  readonly joined: boolean
}

/**
 * Everything that led to how a member stands.
 * @category Members
 */
export interface Explanation<Shape extends SchemaShape> {
  /** Who. */
  readonly peer: Peer<StateOf<Shape>>
  /** What was found out about it, oldest first; only the latest are remembered. */
  readonly verdicts: readonly Verdict[]
  /** The same in words, a line for each. */
  readonly text: string
}

/**
 * One node of a cluster that knows who is there, who is alive and what they say. Made by {@link createGossip}.
 *
 * What is told here is what this node knows: others may know other things for a moment, and nobody ever agrees (see "what is not promised").
 * @category Node
 */
export interface Gossip<Shape extends SchemaShape> extends AsyncDisposable {
  /** This node. */
  readonly id: NodeId
  /** Where others reach it. */
  readonly address: Address
  /** This node as others see it. */
  readonly self: Peer<StateOf<Shape>>
  /** The others. */
  readonly peers: Peers<StateOf<Shape>>

  /**
   * Resolves with the number of others that are there, once they are enough. Joining goes on whether anybody waits or not.
   * @throws A {@link GossipError}: `GOSSIP_NOT_READY` that says what is missing, when the time is over; `GOSSIP_CLOSED`.
   */
  ready(options?: ReadyOptions): Promise<number>

  /**
   * Sets a key of this node's own state: only it writes there, and all others will know.
   * @throws A {@link GossipError}: `GOSSIP_INVALID_OPTION` for a key that the schema does not have, `GOSSIP_VALUE_NOT_ENCODABLE`, `GOSSIP_TOO_LARGE`, `GOSSIP_STATE_FULL`, `GOSSIP_CLOSED`.
   */
  set<Key extends KeyOf<Shape>>(key: Key, value: ValueAt<Shape, Key>, options?: SetOptions): void
  /** Deletes a key of this node's own state. @throws A {@link GossipError}: `GOSSIP_INVALID_OPTION`, `GOSSIP_CLOSED`. */
  delete(key: KeyOf<Shape>): void
  /** Calls `listener` for every change of a key that begins with `prefix`, whosever it is, from now on. `''` is every key. Dispose of the result to stop. */
  watch(prefix: string, listener: (change: StateChange<Shape>) => void, options?: WatchOptions): Disposable
  /** A value that all may write. @throws A {@link GossipError} with code `GOSSIP_INVALID_OPTION` for a key that is empty or too long. */
  shared<Value>(key: string, codec?: Codec<Value>): Shared<Value>

  /**
   * Everything that happens from now on, in order, until the node closes. What is not read in time is dropped, oldest first, and the reader told how much (`dropped`); whoever
   * must not miss anything looks at `peers` again then, or reads {@link Gossip.members}.
   */
  events(options?: EventsOptions): AsyncIterableIterator<StreamedEvent<Shape>>
  /** Calls `listener` with every event of one type from now on. What it throws is told to the observer, and the others are called all the same. Dispose of the result to stop. */
  on<Type extends GossipEvent<Shape>['type']>(
    type: Type,
    listener: (event: GossipEvents<Shape>[Type]) => void,
    options?: { readonly signal?: AbortSignal },
  ): Disposable
  /**
   * Who is there and how that changes, for whoever keeps a picture of the members: begins with everybody who is known, this node included, and then tells each change; several changes of one
   * member that were not read yet are one. So a slow reader costs nothing and never misses how it stands in the end. A `MemberSource` of `@colony/ring/membership`.
   */
  members(options?: { readonly signal?: AbortSignal }): AsyncIterableIterator<MemberChange<Shape>>

  /**
   * Sends a message to everybody who is there. It comes once to each, or, to members that are cut off for long, not at all; whoever joins later does not get it.
   * @throws A {@link GossipError}: `GOSSIP_VALUE_NOT_ENCODABLE`, `GOSSIP_TOO_LARGE`, `GOSSIP_OVERLOADED`, `GOSSIP_CLOSED`.
   */
  broadcast<Value>(topic: string, value: Value, options?: BroadcastOptions<Value>): Promise<BroadcastResult>
  /** Calls `listener` with every message of a topic that others send. Dispose of the result to stop. */
  onMessage<Value = unknown>(
    topic: string,
    listener: (value: Value, meta: MessageMeta) => void,
    options?: TopicOptions<Value>,
  ): Disposable
  /**
   * Asks all, or some, and gives their answers as they come, until everybody has answered or the time is over.
   * @throws A {@link GossipError}: `GOSSIP_VALUE_NOT_ENCODABLE`, `GOSSIP_TOO_LARGE`, `GOSSIP_OVERLOADED`, `GOSSIP_CLOSED`.
   */
  query<Question, Reply = unknown>(
    topic: string,
    value: Question,
    options?: QueryOptions<Question, Reply>,
  ): AsyncIterableIterator<Answer<Reply>>
  /** Answers the questions of a topic; one handler a topic. `undefined` is no answer. Dispose of the result to stop. */
  answer<Question = unknown, Reply = unknown>(
    topic: string,
    handler: (value: Question, meta: MessageMeta) => Reply | undefined | Promise<Reply | undefined>,
    options?: AnswerOptions<Question, Reply>,
  ): Disposable

  /** How well this node is. */
  health(): GossipHealth
  /** Why a member stands as it does; `undefined` for who is not known. */
  explain(id: NodeId): Explanation<Shape> | undefined
  /**
   * Whether this node sees more than half of the cluster, itself included. The cluster is everybody who is known and has not left: who has failed counts, until forgotten. With `of`, it is those
   * nodes. A hint for what should not be done on both sides of a cut, and no proof: the two sides may see the cut at different times. What needs proof needs consensus (`@colony/raft`).
   */
  isMajority(options?: { readonly of?: readonly NodeId[] }): boolean
  /** What was counted so far. */
  metrics(): GossipMetrics
  /**
   * Declares a member gone: all take it for one that has left. It comes back only by a new life, so a process that runs yet has to be started anew.
   * @throws A {@link GossipError}: `GOSSIP_INVALID_OPTION` for this node itself, or who is not known; `GOSSIP_CLOSED`.
   */
  remove(id: NodeId): void
  /** Says goodbye, waits until some others know, and closes. Resolves with how many knew. Idempotent; never rejects. */
  leave(options?: LeaveOptions): Promise<number>
  /** Stops without a word: the others will take this node for failed. Idempotent. */
  close(): Promise<void>
}
