import type { Address, NodeId } from '@colony/host'
import type { MemberStatus, Verdict } from '../members/member.ts'
import type { MemberUpdate } from '../wire/member-update.ts'

/** What comings and goings need of the table of members. */
export interface Register {
  /** Takes in one piece of news by the rules of precedence. */
  apply(update: MemberUpdate, path: Verdict['path'], from: NodeId): void
  /** Takes in many that came together, after asking once whether they may be merged. Whether they were. */
  applyAll(updates: readonly MemberUpdate[], path: Verdict['path'], from: NodeId): boolean
  /** All that is known of a member, this node included. */
  record(id: NodeId): MemberUpdate | undefined
  /** This node says something new about itself, at its next incarnation, and spreads it. */
  speakAnew(change: { readonly address?: Address; readonly status?: MemberStatus }): MemberUpdate
  /** Drops a member that is gone; what is at or below the incarnation it had is never learned again. */
  forget(id: NodeId): void
}
