/**
 * The protocol of memberlist and Serf: makes a process a member of a real Serf cluster.
 * @packageDocumentation
 */
export { joinSerf } from './node/join-serf.ts'
export type { SerfOptions } from './node/options.ts'
export type { SerfAnswer, SerfEvents, SerfNode, SerfQueryOptions } from './node/serf.ts'
export type { SerfMemberEvent } from './node/member-event.ts'
export type { SerfConnection, SerfTransport, SerfTransportHandlers } from './node/transport.ts'
export type { SerfMember, SerfStatus } from './serf/serf-event.ts'
export type { SerfTags } from './serf/tags.ts'
export type { MemberlistProfile } from './core/timing.ts'
export { SerfKeyring } from './node/keyring.ts'
