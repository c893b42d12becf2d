import type { Claim } from './claim.ts'
import type { KeyState } from './key-state.ts'
import { partyOf, type Party, requestsOf, type TableRequest } from './table-request.ts'

/** One party of a cycle, and the key for which it waits for the next one. */
export interface CycleStep {
  readonly party: Party
  readonly waitsFor: string
}

type KeyLookup = (key: string) => KeyState | undefined

/**
 * What has to be done about parties that wait for each other.
 *
 * - `'cycle'`: nothing but a victim among them ends it; the party that asked comes first if it is one of them;
 * - `'order'`: they only stand in each other's way in queues, and all of them come to an end if they take their turns in this order.
 */
export type Deadlock =
  | { readonly kind: 'cycle'; readonly steps: readonly CycleStep[] }
  | { readonly kind: 'order'; readonly parties: readonly Party[] }

/*
 * Parties are nodes: owners, and requests that have none; an edge leads from one that waits to everybody in its way: holders, and those before it in
 * a queue, who will hold first.
 *
 * Where every edge has to go (mutexes, readers and writers) a cycle is a deadlock. A semaphore is satisfied by whichever of its holders ends first, so
 * there a cycle may be harmless, and what decides is reduction (Holt 1972): whoever waits for nobody will end and give back all it has, which lets
 * others end; who is left over is stuck. Done with holders alone, reduction tells whether another order of the queues would do.
 */

/** To be asked whenever a party begins to wait, and when one that waits is given something: then every deadlock is found the moment it comes about. */
export function findDeadlock(start: Party, keyOf: KeyLookup): Deadlock | undefined {
  const reached = reachedFrom(start, keyOf)
  if (!reached.leadsBack) return undefined
  const stuck = new Set(reached.parties)
  reduce(stuck, keyOf, 'queues')
  if (!stuck.has(start)) return undefined
  const order = reduce(stuck, keyOf, 'holders')
  if (!stuck.has(start)) return { kind: 'order', parties: order }
  const steps = shortestCycle(start, stuck, keyOf) ?? anyCycle(start, stuck, keyOf)
  return { kind: 'cycle', steps }
}

function reachedFrom(
  start: Party,
  keyOf: KeyLookup,
): { readonly parties: Set<Party>; readonly leadsBack: boolean } {
  // A set is iterated in the order of insertion, and over what is added meanwhile: it is its own queue.
  const parties = new Set([start])
  let leadsBack = false
  for (const party of parties) {
    for (const { blocker } of edgesOf(party, keyOf, 'queues')) {
      if (parties.has(blocker)) leadsBack = true
      parties.add(blocker)
    }
  }
  return { parties, leadsBack }
}

/** Takes out of `stuck` everybody that can end, and returns them in the order in which they can. */
function reduce(stuck: Set<Party>, keyOf: KeyLookup, minding: 'queues' | 'holders'): Party[] {
  const ended: Party[] = []
  let before: number
  do {
    before = stuck.size
    for (const party of stuck) {
      if (!canEnd(party, stuck, keyOf, minding)) continue
      stuck.delete(party)
      ended.push(party)
    }
  } while (stuck.size < before)
  return ended
}

function canEnd(
  party: Party,
  stuck: ReadonlySet<Party>,
  keyOf: KeyLookup,
  minding: 'queues' | 'holders',
): boolean {
  const stays = (request: TableRequest): boolean => stuck.has(partyOf(request))
  for (const [claim, request] of waitingClaims(party)) {
    if (keyOf(claim.key)?.keepsWaiting(claim, request, stays, minding) === true) return false
  }
  return true
}

function shortestCycle(start: Party, stuck: ReadonlySet<Party>, keyOf: KeyLookup): CycleStep[] | undefined {
  const cameBy = new Map<Party, CycleStep>()
  const seen = new Set([start])
  for (const party of seen) {
    for (const { waitsFor, blocker } of edgesOf(party, keyOf, 'holders')) {
      if (blocker === start) return pathTo({ party, waitsFor }, cameBy)
      if (!stuck.has(blocker) || seen.has(blocker)) continue
      seen.add(blocker)
      cameBy.set(blocker, { party, waitsFor })
    }
  }
  return undefined
}

function pathTo(last: CycleStep, cameBy: ReadonlyMap<Party, CycleStep>): CycleStep[] {
  const path = [last]
  for (let step = cameBy.get(last.party); step !== undefined; step = cameBy.get(step.party))
    path.unshift(step)
  return path
}

/** Where `start` only waits for those who are in a cycle. Everybody who is stuck waits for somebody who is, so any walk comes round. */
function anyCycle(start: Party, stuck: ReadonlySet<Party>, keyOf: KeyLookup): CycleStep[] {
  const walk = new Map<Party, CycleStep>()
  let party = start
  while (!walk.has(party)) {
    for (const { waitsFor, blocker } of edgesOf(party, keyOf, 'holders')) {
      if (!stuck.has(blocker)) continue
      walk.set(party, { party, waitsFor })
      party = blocker
      break
    }
  }
  const steps = [...walk.values()]
  return steps.slice(steps.findIndex((step) => step.party === party))
}

function* edgesOf(
  party: Party,
  keyOf: KeyLookup,
  minding: 'queues' | 'holders',
): Iterable<{ readonly waitsFor: string; readonly blocker: Party }> {
  for (const [claim, request] of waitingClaims(party)) {
    for (const inTheWay of keyOf(claim.key)?.blockersOf(claim, request, minding) ?? []) {
      const blocker = partyOf(inTheWay)
      if (blocker !== party) yield { waitsFor: claim.key, blocker }
    }
  }
}

function* waitingClaims(party: Party): Iterable<readonly [Claim, TableRequest]> {
  for (const request of requestsOf(party)) {
    if (request.state === 'waiting') for (const claim of request.claims) yield [claim, request]
  }
}
