import type { NodeId } from '@colony/host'
import type { Member } from '../members/member.ts'
import type { OwnerState, StateMark } from '../state/owner-state.ts'
import type { SharedState } from '../state/shared-state.ts'
import type { VersionedState } from '../state/versioned-state.ts'
import type { MemberUpdate } from '../wire/member-update.ts'
import type { Verdict } from '../members/member.ts'
import { type MemberMark, standingOf } from './digest-codec.ts'
import { bucketOf } from './fingerprint.ts'
import { memberPlace, sharedPlace } from './item-hash.ts'

/** The table of members, as anti-entropy needs it. */
export interface SyncRegister {
  /** Every member that is known: this node, those that failed or left. */
  all(): Iterable<Member>
  /** What is known of one, as it is told to others. */
  record(id: NodeId): MemberUpdate | undefined
  /** Takes in what another node knows; `false` when the merge was refused, and nothing was taken. */
  applyAll(updates: readonly MemberUpdate[], path: Verdict['path'], from: NodeId): boolean
}

/** All that a node knows and compares with others. */
export interface Knowledge {
  readonly self: NodeId
  readonly register: SyncRegister
  readonly state: VersionedState
  readonly shared: SharedState
}

/** What is known in one bucket. */
export interface Bucket {
  readonly members: Member[]
  readonly shared: string[]
}

/** Everything known, by bucket of a level. Takes time in proportion to all that is known, so it is made once a message. */
export function byBucket({ register, shared }: Knowledge, level: number): Bucket[] {
  const buckets: Bucket[] = []
  for (let index = 0; index < 2 ** level; index++) buckets.push({ members: [], shared: [] })
  for (const member of register.all()) buckets[bucketOf(memberPlace(member.id), level)]?.members.push(member)
  for (const { key } of shared.values.records()) {
    buckets[bucketOf(sharedPlace(key), level)]?.shared.push(key)
  }
  return buckets
}

/** What this node would say of a member in a digest. */
export function markOf({ state }: Knowledge, { id, incarnation, status }: Member): MemberMark {
  return { id, incarnation, standing: standingOf(status), state: state.store.mark(id) }
}

/**
 * From which version on somebody must be told of a state: from the end of its copy, or from 0 where only a beginning anew helps; `undefined` when it lacks nothing.
 * A copy that began anew above a floor may end before it, and be continued still.
 */
export function tellFrom(mine: OwnerState | undefined, theirs: StateMark): number | undefined {
  if (mine === undefined || mine.version === 0 || mine.life < theirs.life) return undefined
  if (mine.life > theirs.life) return 0
  if (Math.max(theirs.version, theirs.floor) < mine.floor) return 0
  return mine.version > theirs.version ? theirs.version : undefined
}
