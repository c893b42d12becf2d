import type { CycleStep } from './wait-graph.ts'
import { type Party, requestsOf } from './table-request.ts'

/**
 * Whom a deadlock costs its locks.
 *
 * - `'youngest'`: who began last, so that nobody is chosen for ever: an owner that begins again after it lost keeps its age if it is the same owner;
 * - `'fewest-locks'`: who holds least, and so loses least;
 * - `'lowest-priority'`: who matters least;
 * - `'requester'`: whose request closed the cycle.
 *
 * Of equals the youngest.
 * @category Deadlocks
 */
export type VictimPolicy = 'youngest' | 'fewest-locks' | 'lowest-priority' | 'requester'

/** Every policy. */
export const VICTIM_POLICIES: readonly VictimPolicy[] = [
  'youngest',
  'fewest-locks',
  'lowest-priority',
  'requester',
]

/** Chooses a party of the cycle; none stands for `'youngest'`. Must not throw. Only where there are no replicas that have to choose alike. */
export type VictimChooser = (cycle: readonly CycleStep[]) => Party | undefined

/** The party of `cycle` that has to give way. With a policy it depends on nothing but its arguments, so that all replicas of a table choose alike. */
export function chooseVictim(
  cycle: readonly CycleStep[],
  requester: Party,
  choice: VictimPolicy | VictimChooser,
): Party {
  const parties = cycle.map(({ party }) => party)
  const chosen = typeof choice === 'function' ? choice(cycle) : undefined
  if (chosen !== undefined) return chosen
  const policy = typeof choice === 'function' ? 'youngest' : choice
  if (policy === 'requester' && parties.includes(requester)) return requester
  return parties.reduce((worst, party) => (compare(party, worst, policy) > 0 ? party : worst))
}

/** Above zero when `one` is rather to be the victim. */
function compare(one: Party, other: Party, policy: VictimPolicy): number {
  const youngest = one.id - other.id
  if (policy === 'fewest-locks') return heldBy(other) - heldBy(one) || youngest
  if (policy === 'lowest-priority') return priorityOf(other) - priorityOf(one) || youngest
  return youngest
}

/** How many keys a party holds. */
export function heldBy(party: Party): number {
  let count = 0
  for (const { state, claims } of requestsOf(party)) if (state === 'held') count += claims.length
  return count
}

/** How much a party matters. */
export function priorityOf(party: Party): number {
  return 'priority' in party ? party.priority : 0
}
