import type { Claim } from './claim.ts'

/** How a request stands. */
export type RequestState = 'new' | 'waiting' | 'held' | 'ended'

/**
 * One request for one or several keys, all or nothing, and the lock that comes of it. Made by whoever asks; the table moves it from state to state.
 */
export interface TableRequest {
  /** Unique in the table, and greater than that of every request and owner before it. */
  readonly id: number
  /** Who asks. Without one the request stands for itself: it holds nothing while it waits. */
  readonly owner: TableOwner | undefined
  /** Sorted by key, each key once. */
  readonly claims: readonly Claim[]
  /** Set by the table. */
  state: RequestState
  /** The fencing token of the lock; 0 before there is one. */
  token: number
}

/** Whoever may hold several locks and wait for more. */
export interface TableOwner {
  /** Unique in the table: smaller is older. */
  readonly id: number
  /** Greater is more important. */
  readonly priority: number
  /** What it holds and waits for; kept by the table. */
  readonly requests: Set<TableRequest>
}

/** A node of the wait-for graph: an owner with all its requests, or a request that has none. */
export type Party = TableOwner | TableRequest

/** On whose account a request waits or holds. */
export function partyOf(request: TableRequest): Party {
  return request.owner ?? request
}

/** All that a party holds or waits for. */
export function requestsOf(party: Party): Iterable<TableRequest> {
  return 'requests' in party ? party.requests : [party]
}
