/**
 * Who is here, who is alive, and what they say: membership, failure detection and versioned state by gossip, for Node and browsers alike.
 * @packageDocumentation
 * @mergeModuleWith <project>
 */
export { createGossip } from './runtime/create-gossip.ts'
export type { FindSeeds, GossipOptions } from './runtime/options.ts'
export type {
  EventsOptions,
  Explanation,
  Gossip,
  GossipHealth,
  LeaveOptions,
  ReadyOptions,
  SetOptions,
  Shared,
  StateChange,
  WatchOptions,
} from './runtime/gossip.ts'
export type { GossipMetrics, PacketMetrics, StallMetrics } from './runtime/metrics.ts'
export type { FrameSealer, Keyring } from './runtime/keyring.ts'
export type {
  ConflictEvent,
  ForgetEvent,
  GossipEvent,
  GossipEvents,
  HealedEvent,
  HealthEvent,
  JoinedEvent,
  MajorityEvent,
  MoveEvent,
  RemovedEvent,
  StatusChange,
  StatusEvent,
  StreamedEvent,
  UpdateEvent,
  WrongClusterEvent,
} from './runtime/event.ts'
export type { DroppedEvents } from './runtime/event-stream.ts'
export type { Peer, Peers } from './runtime/peer.ts'
export type { MemberChange, MemberMeta } from './runtime/member-changes.ts'
export type {
  Answer,
  AnswerOptions,
  BroadcastAwait,
  BroadcastOptions,
  BroadcastResult,
  MessageMeta,
  QueryOptions,
  TopicOptions,
} from './runtime/messages.ts'
export {
  defineSchema,
  type AnyShape,
  type KeyOf,
  type KeyPattern,
  type Schema,
  type SchemaShape,
  type StateOf,
  type ValueAt,
  type ValueOf,
} from './runtime/schema.ts'
export type { ValueType } from './runtime/value-types.ts'
export { GossipError, type GossipErrorCode } from './errors.ts'
export { GossipCore } from './core/gossip-core.ts'
export type { CoreCounters } from './core/counters.ts'
export type { CoreFingerprint, CoreHealth, SharedValue } from './core/core-views.ts'
export type { CoreMembers } from './core/members/members-view.ts'
export type { MembersView, Path } from './core/component.ts'
export type { TransitionWatch } from './core/members/transitions.ts'
export type { CoreOptions, DetectorKind, LifeguardOptions } from './core/options.ts'
export type { StateLimits, StateRefusal } from './core/state/state-limits.ts'
export type { MessageRefusal } from './core/dissemination/message-limits.ts'
export type { CoreEvent } from './core/core-event.ts'
export type { CoreInput, CoreOutputs, CoreSend, Seed } from './core/input.ts'
export type { Incarnation } from './core/members/incarnation.ts'
export type { Member, MemberStatus, Verdict } from './core/members/member.ts'
export { timingOf } from './core/profiles.ts'
export type { Profile, Timing } from './core/timing.ts'
