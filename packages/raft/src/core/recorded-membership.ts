import type { NodeId } from '@colony/host'
import type { Incarnation } from './incarnation.ts'
import { membersOf, votersOf, type Membership } from './membership.ts'
import { removedAfter } from './membership-steps.ts'

/**
 * `next` with the incarnation of everybody who votes in it: kept, where `before` has one, or else what was heard of it. And with those who were removed. A group begins to record them once every member has shown
 * one, since a member of an older version could not read it.
 */
export function recorded(
  before: Membership,
  next: Membership,
  heard: (id: NodeId) => Incarnation,
): Membership {
  if (before.incarnations === undefined && !membersOf(next).every((id) => heard(id) > 0)) return next
  const incarnations = new Map<NodeId, Incarnation>()
  for (const id of votersOf(next)) {
    const incarnation = before.incarnations?.get(id) ?? heard(id)
    if (incarnation > 0) incarnations.set(id, incarnation)
  }
  return { ...next, incarnations, removed: removedAfter(before, next) }
}
