import type { Address, NodeId } from '@colony/host'
import type { MemberUpdate } from '../wire/member-update.ts'
import type { Incarnation } from './incarnation.ts'
import type { Member, MemberStatus, Verdict } from './member.ts'

/** A part of the core that has to know of every change of the table. */
export interface MembershipListener {
  /**
   * A member came (`before` is `undefined`), changed its status, incarnation, address or zone, or was forgotten (`after` is `undefined`); this node included, at its start too.
   */
  memberChanged(before: Member | undefined, after: Member | undefined, why: Verdict | undefined): void
}

/** Spreads what is worth it. */
export interface NewsSpreader {
  spread(update: MemberUpdate): void
  forget(id: NodeId): void
}

/** Who waits for suspects to refute. */
export interface SuspicionKeeper {
  /** Another member says the same of a suspect. Whether that was new, and counts. */
  confirm(id: NodeId, accuser: NodeId): boolean
  /** Everybody who said so, but the first. */
  confirmations(id: NodeId): readonly NodeId[]
  /** Whether ill news by `accuser` is to be believed; one whose complaints nobody ever confirmed is not, until this node has looked itself. */
  believes(accuser: NodeId, accused: NodeId): boolean
}

/** What this node knows of itself and of its links when it judges. */
export interface EvidenceSource {
  /** This node's own health: 0 is well. */
  readonly health: { readonly score: number }
  roundTripMs(id: NodeId): number | undefined
}

/** The parts of the core that the table of members works with. */
export interface MembershipParts {
  readonly news: NewsSpreader
  readonly suspicions: SuspicionKeeper
  readonly evidence: EvidenceSource
  /** Told in this order. */
  readonly listeners: readonly MembershipListener[]
}

/** The table of members as those parts see it that learn and tell of members. */
export interface MemberRegister {
  /** Takes in one piece of news by the rules of precedence. `from`: who sent it. */
  apply(update: MemberUpdate, path: Verdict['path'], from: NodeId): void
  /** Takes in many at once, unless the merge hook refuses them: then `false`. */
  applyAll(updates: readonly MemberUpdate[], path: Verdict['path'], from: NodeId): boolean
  /** What is known of a member, this node included, as news. */
  record(id: NodeId): MemberUpdate | undefined
  /** This node says something new of itself, and it is spread. */
  speakAnew(change: OwnChange): MemberUpdate
  /** Forgets a member that failed or left; nothing up to its incarnation is learned again. */
  forget(id: NodeId): void
  /** The incarnation up to which a forgotten member is over. */
  floor(id: NodeId): Incarnation | undefined
}

/** What may change about oneself. */
export interface OwnChange {
  readonly address?: Address
  readonly status?: MemberStatus
}
