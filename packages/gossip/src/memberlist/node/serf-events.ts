import type { SerfMember } from '../serf/serf-event.ts'

/**
 * What a `SerfNode` tells, by name. Serf's own names of member events are `member-join` and so on.
 * @category Interop
 */
export interface SerfEvents {
  /** A member that was not known, or had failed or left, is there. */
  readonly join: SerfNews
  /** A member said goodbye and is gone, or was removed by an operator. */
  readonly leave: SerfNews
  /** A member does not answer any more. It is looked for, and may come back. */
  readonly failed: SerfNews
  /** A member has other tags. */
  readonly update: SerfNews
  /** A member that had failed or left is forgotten. */
  readonly reap: SerfNews
  /** Somebody got no answer of a member, which has some seconds to say that it is alive. */
  readonly suspect: SerfSuspicion
  /** A suspect is alive. */
  readonly recover: SerfNews
  /** A message for everybody, once; this node's own too. */
  readonly event: SerfUserEvent
  /** A question. */
  readonly query: SerfQuery
  /** Two use one name. Nothing else is done about it. */
  readonly conflict: SerfConflict
  /** An operator changed the keyring with `serf keys`: keep it, if it is to outlive the process. */
  readonly keys: SerfKeyChange
}

/**
 * News of a member.
 * @category Interop
 */
export interface SerfNews {
  /** How it stands now. */
  readonly member: SerfMember
}

/**
 * News of a member that somebody got no answer of.
 * @category Interop
 */
export interface SerfSuspicion extends SerfNews {
  /** Who got none. */
  readonly from: string
}

/**
 * A message of somebody's for everybody.
 * @category Interop
 */
export interface SerfUserEvent {
  /** What it is called. */
  readonly name: string
  /** What it says. */
  readonly payload: Uint8Array
  /** Whether the last of several of this name may stand for all. */
  readonly coalesce: boolean
  /** Lamport time: higher than that of every event that its sender had heard of. */
  readonly time: number
}

/**
 * A question.
 * @category Interop
 */
export interface SerfQuery {
  /** What it is called. */
  readonly name: string
  /** What it says. */
  readonly payload: Uint8Array
  /** Who asks. */
  readonly from: string
  /**
   * Answers, once; a second time, or when the time for answers is over, it does nothing.
   * @throws A `GossipError` with code `GOSSIP_TOO_LARGE` above 824 bytes.
   */
  readonly respond: (payload: Uint8Array | string) => void
}

/**
 * A name that two use.
 * @category Interop
 */
export interface SerfConflict extends SerfNews {
  /** Where the other one is. */
  readonly address: string
}

/**
 * A change of the keyring by an operator.
 * @category Interop
 */
export interface SerfKeyChange {
  /** What was done. */
  readonly change: 'install' | 'use' | 'remove'
}
