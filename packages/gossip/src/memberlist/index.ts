/**
 * The protocol of memberlist and Serf: makes a process a member of a real Serf cluster.
 * @packageDocumentation
 */
export { joinSerf } from './node/join-serf.ts'
export type { SerfOptions } from './node/options.ts'
export type {
  SerfAnswer,
  SerfEventOptions,
  SerfNode,
  SerfQueryOptions,
  SerfRemoveOptions,
} from './node/serf.ts'
export type {
  SerfConflict,
  SerfEvents,
  SerfKeyChange,
  SerfNews,
  SerfQuery,
  SerfSuspicion,
  SerfUserEvent,
} from './node/serf-events.ts'
export type { SerfMemberEvent, SerfMemberMeta } from './node/member-event.ts'
export type { SerfConnection, SerfTransport, SerfTransportHandlers } from './node/transport.ts'
export type { SerfMember, SerfStatus } from './serf/serf-event.ts'
export type { SerfTags } from './serf/tags.ts'
export type { MemberlistProfile } from './core/timing.ts'
export { SerfKeyring } from './node/keyring.ts'
