import type { NodeId } from '@colony/host'

/** Who decides: the voters and, while two memberships overlap, the outgoing ones as well (section 6). */
export interface Electorate {
  readonly voters: readonly NodeId[]
  readonly outgoing: readonly NodeId[]
}

/** Whether those for whom `has` holds may decide: "agreement requires separate majorities from both the old and new configurations". */
export function isQuorum({ voters, outgoing }: Electorate, has: (id: NodeId) => boolean): boolean {
  return isMajority(voters, has) && (outgoing.length === 0 || isMajority(outgoing, has))
}

/** The largest number that a quorum has reached. */
export function reachedByQuorum(electorate: Electorate, valueOf: (id: NodeId) => number): number {
  const { voters, outgoing } = electorate
  const reached = reachedByMajority(voters, valueOf)
  return outgoing.length === 0 ? reached : Math.min(reached, reachedByMajority(outgoing, valueOf))
}

function isMajority(ids: readonly NodeId[], has: (id: NodeId) => boolean): boolean {
  let count = 0
  for (const id of ids) if (has(id)) count++
  return count * 2 > ids.length
}

function reachedByMajority(ids: readonly NodeId[], valueOf: (id: NodeId) => number): number {
  const descending = ids.map(valueOf).sort((a, b) => b - a)
  return descending[Math.floor(ids.length / 2)] ?? 0
}
