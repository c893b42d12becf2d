import type { Operation } from '../history/operation.ts'

/**
 * A promise to one client about its own operations on one object (Terry et al., "Session Guarantees for Weakly Consistent Replicated Data", 1994):
 *
 * - `read your writes`: a read gives what the process wrote before, or something newer.
 * - `monotonic reads`: a read gives what the process read before, or something newer.
 * - `monotonic writes`: a write is newer than what the process wrote before.
 * - `writes follow reads`: a write is newer than what the process read before.
 *
 * And `written values`, without which none of them means anything: what is read was written by somebody, or was there at first.
 * @category Checkers
 */
export type SessionGuarantee =
  'read your writes' | 'monotonic reads' | 'monotonic writes' | 'writes follow reads' | 'written values'

/**
 * An operation that breaks a session guarantee.
 * @category Checkers
 */
export interface SessionViolation {
  /** Which guarantee. */
  readonly guarantee: SessionGuarantee
  /** The object, as `Model.partition` names it. */
  readonly key: string
  /** The operation that breaks it. */
  readonly operation: Operation
  /** The operation of the same process that it contradicts: the earlier read or write that it goes back behind. Absent for `written values`. */
  readonly against?: Operation
}
