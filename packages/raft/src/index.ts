/**
 * A replicated state machine for your own Node processes: Raft, embedded.
 * @packageDocumentation
 * @mergeModuleWith <project>
 */
export { createRaft } from './runtime/create-raft.ts'
export type { RaftOptions } from './runtime/raft-options.ts'
export { createRaftGroups } from './runtime/groups/create-raft-groups.ts'
export type { GroupOptions, RaftGroupsOptions } from './runtime/groups/raft-groups-options.ts'
export type { RaftGroups, RaftGroupsMetrics } from './runtime/groups/raft-groups.ts'
export type {
  Applied,
  ProposeOptions,
  NewLeader,
  Raft,
  RaftEvents,
  RaftStatus,
  ReadConsistency,
  ReadOptions,
  ReadResult,
  Role,
  TransferOptions,
} from './runtime/raft.ts'
export type {
  DropMetrics,
  RaftMetrics,
  ReadMetrics,
  SnapshotMetrics,
  StorageMetrics,
} from './runtime/metrics.ts'
export type {
  AddMemberOptions,
  MemberRole,
  Members,
  MembersOptions,
  RaftMembers,
  SetMembersOptions,
} from './runtime/members.ts'
export type { Membership, MembershipGoal } from './core/membership.ts'
export type { RaftSession, SessionProposeOptions, SessionStartOptions } from './runtime/session.ts'
export type { SessionOptions } from './runtime/session-options.ts'
export type { AnyMachine, ApplyContext, CommandOf, ResultOf, StateMachine } from './runtime/machine.ts'
export { RaftError, type ProposalOutcome, type RaftErrorCode, type RaftErrorOptions } from './errors.ts'
export type { RaftStorage, StorageIdentity, StoredSnapshot } from './storage/storage.ts'
export type { SnapshotOptions } from './runtime/snapshots/snapshot-options.ts'
export type { SnapshotTaken } from './runtime/snapshots/snapshots.ts'
export { logStorage } from './storage/log/log-storage.ts'
export type { LogStorageOptions } from './storage/log/log-options.ts'
export { memoryStorage } from './storage/memory-storage.ts'
export { groupLogStorage } from './storage/groups/group-log-storage.ts'
export type { GroupStorageOwner, RaftGroupStorage } from './storage/groups/group-storage.ts'
export { memoryGroupStorage } from './storage/groups/memory-group-storage.ts'
export { RaftCore } from './core/raft-core.ts'
export type { TransferRefusal } from './core/transfer.ts'
export type { DropCounters } from './core/bookkeeping.ts'
export type { CoreOptions, CoreRole } from './core/core-options.ts'
export type { Configuration } from './core/configuration.ts'
export type { Incarnation } from './core/incarnation.ts'
export type { MembershipRecord } from './core/membership-log.ts'
export {
  type ChangeMembersInput,
  type CandidacyInput,
  type CompactedInput,
  type Input,
  mergeRecords,
  type MessageInput,
  type Outputs,
  type PeerClosedInput,
  type PeerSilentInput,
  type PersistedInput,
  type ProposeInput,
  type ReadAnswer,
  type ReadInput,
  type SnapshotFailedInput,
  type SnapshotInstalledInput,
  type SnapshotSentInput,
  type TickInput,
  type TransferInput,
  type WakeInput,
} from './core/step.ts'
export type {
  Entry,
  EntryKind,
  LogEnd,
  LogIndex,
  PersistRecord,
  SnapshotMeta,
  StoredState,
  Term,
} from './core/entry.ts'
export type {
  AppendRequest,
  AppendResponse,
  MembershipNotice,
  MembershipQuery,
  Message,
  PreVoteRequest,
  PreVoteResponse,
  PriorityNotice,
  QuietAnswer,
  QuietOffer,
  TimeoutNow,
  VoteRequest,
  VoteResponse,
  WakeRequest,
} from './core/message.ts'
export { quorumSize, toleratedFailures } from './core/configuration.ts'
