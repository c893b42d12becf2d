import type { NodeId } from '@colony/host'
import type { StateMark } from '../state/owner-state.ts'
import { compareMarks } from '../state/shared-record.ts'
import { compareStanding, type KeyMark, type MemberMark, type Scope, type Want } from './digest-codec.ts'
import { type Bucket, type Knowledge, markOf, tellFrom } from './knowledge.ts'

/** What another node lacks of what this one knows. */
export interface Offer {
  readonly members: Set<NodeId>
  /** Of whose state it lacks something, and how much of it it has. */
  readonly states: Map<NodeId, StateMark>
  readonly shared: Set<string>
}

/** What two nodes know differently. */
export interface Difference {
  readonly offer: Offer
  readonly wants: Want[]
  /** Members that this node holds for gone, and the other one for present: they have not heard of it, or are back. */
  readonly contradicted: NodeId[]
}

/** Nothing yet. */
export function noOffer(): Offer {
  return { members: new Set(), states: new Map(), shared: new Set() }
}

/** Nothing yet. */
export function noDifference(): Difference {
  return { offer: noOffer(), wants: [], contradicted: [] }
}

/** What another node says it knows in one bucket. */
export interface ToldBucket {
  readonly members: readonly MemberMark[]
  readonly shared: readonly KeyMark[]
}

/** Nothing known of a state. */
const NOTHING: StateMark = { life: 0, version: 0, floor: 0 }

/** Adds to `difference` what this node and another know differently in one bucket. */
export function compareBucket(
  knowledge: Knowledge,
  mine: Bucket,
  told: ToldBucket,
  scope: Scope,
  difference: Difference,
): void {
  const members = new Map(mine.members.map((member) => [member.id, markOf(knowledge, member)]))
  for (const theirs of told.members) {
    const own = members.get(theirs.id)
    members.delete(theirs.id)
    if (own !== undefined) compareMember(knowledge, own, theirs, difference)
    // A member that is gone and not known here was forgotten, or is no concern of one who came later.
    else if (theirs.standing === 'present') difference.wants.push(wantAll(theirs.id))
  }
  for (const own of members.values()) {
    if (own.standing === 'present') offerAll(own, difference.offer)
  }
  if (scope === 'all') compareShared(knowledge, mine, told, difference)
}

function wantAll(id: NodeId): Want {
  return { kind: 'member', id, record: true, state: NOTHING }
}

function offerAll({ id, state }: MemberMark, offer: Offer): void {
  offer.members.add(id)
  if (state.version > 0) offer.states.set(id, NOTHING)
}

function compareMember(
  knowledge: Knowledge,
  mine: MemberMark,
  theirs: MemberMark,
  { offer, wants, contradicted }: Difference,
): void {
  const { id } = mine
  // Nobody knows more of this node's state than it does: what others have beyond it is of a life that it forgot.
  if (id === knowledge.self) knowledge.state.claimed(theirs.state.life, theirs.state.version)
  const order = compareStanding(mine, theirs)
  if (order > 0) offer.members.add(id)
  if (order > 0 && mine.standing !== 'present' && theirs.standing === 'present') contradicted.push(id)
  const store = knowledge.state.store
  if (tellFrom(store.copy(id), theirs.state) !== undefined) offer.states.set(id, theirs.state)
  // Whoever holds a member for gone has no later word of its state than the member itself.
  const wantsState = id !== knowledge.self && theirs.state.version > 0 && isBehind(mine.state, theirs.state)
  if (order < 0 || wantsState) {
    wants.push({ kind: 'member', id, record: order < 0, state: wantsState ? mine.state : undefined })
  }
}

/** The mirror of {@link tellFrom}: whether the other one can tell something that is not known here. */
function isBehind(mine: StateMark, theirs: StateMark): boolean {
  if (mine.life !== theirs.life) return mine.life < theirs.life
  return mine.version < theirs.version || Math.max(mine.version, mine.floor) < theirs.floor
}

function compareShared(
  { shared: { values } }: Knowledge,
  mine: Bucket,
  told: ToldBucket,
  { offer, wants }: Difference,
): void {
  const untold = new Set(mine.shared)
  for (const theirs of told.shared) {
    untold.delete(theirs.key)
    const own = values.record(theirs.key)
    // A deletion of what was never known here is no news either.
    if (own === undefined && theirs.deleted) continue
    const order = own === undefined ? -1 : compareMarks(own, theirs)
    if (order > 0) offer.shared.add(theirs.key)
    if (order < 0) wants.push({ kind: 'shared', key: theirs.key })
  }
  // Deletions of what the other one does not have are no news to it.
  for (const key of untold) if (values.value(key) !== undefined) offer.shared.add(key)
}
