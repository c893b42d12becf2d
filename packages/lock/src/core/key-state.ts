import type { Claim } from './claim.ts'
import { type Party, partyOf, type TableOwner, type TableRequest } from './table-request.ts'

/** A request's claim on one key. */
export interface KeyClaim {
  readonly request: TableRequest
  readonly claim: Claim
}

/** Who holds one key, and who waits for it, first come first. Exists only while somebody does. */
export class KeyState {
  readonly holders: KeyClaim[] = []
  readonly queue: KeyClaim[] = []
  /** Permits that holders have; of no meaning for shared claims. */
  #taken = 0

  /** Whether one party holds the key, and nobody waits for it. */
  get isUncontended(): boolean {
    return this.holders.length === 1 && this.queue.length === 0
  }

  /** Whether nobody holds the key or waits for it. */
  get isIdle(): boolean {
    return this.holders.length === 0 && this.queue.length === 0
  }

  /** How many permits the key has for those who are there: others have to agree. `undefined` when nobody is there. */
  get limit(): number | undefined {
    return (this.holders[0] ?? this.queue[0])?.claim.limit
  }

  /** Whether the holders leave room for `claim`. */
  admits(claim: Claim): boolean {
    const [first] = this.holders
    if (first === undefined) return true
    if (first.claim.shared || claim.shared) return first.claim.shared && claim.shared
    return this.#taken + claim.permits <= claim.limit
  }

  /**
   * Whether a waiter may not pass: somebody who came earlier waits for something that `claim` would delay. Readers pass readers only, so a
   * writer that waits is not passed by readers that come later; the waiters of a semaphore keep their order whatever they want.
   */
  isBehind(claim: Claim, request: TableRequest): boolean {
    for (const earlier of this.queue) {
      if (earlier.request === request) return false
      if (!(earlier.claim.shared && claim.shared)) return true
    }
    return false
  }

  /** Whether `owner` would wait for itself with `claim`, because of what it holds or because of what it waits for already. */
  wouldWaitForItself(claim: Claim, owner: TableOwner): boolean {
    let own = 0
    for (const entries of [this.holders, this.queue]) {
      for (const { request, claim: other } of entries) {
        if (request.owner !== owner || (other.shared && claim.shared)) continue
        if (other.shared || claim.shared) return true
        own += other.permits
      }
    }
    return own + claim.permits > claim.limit
  }

  hold(entry: KeyClaim): void {
    this.holders.push(entry)
    this.#taken += entry.claim.permits
  }

  /** The claim of `request` ends, held or waited for. */
  remove(request: TableRequest): void {
    const held = this.holders.findIndex((entry) => entry.request === request)
    if (held >= 0) {
      const [entry] = this.holders.splice(held, 1)
      this.#taken -= entry?.claim.permits ?? 0
    }
    const queued = this.queue.findIndex((entry) => entry.request === request)
    if (queued >= 0) this.queue.splice(queued, 1)
  }

  /** Everybody whom the waiter `request` waits for here: holders in its way, and those before it in the queue. */
  *blockersOf(
    claim: Claim,
    request: TableRequest,
    minding: 'queues' | 'holders' = 'queues',
  ): Iterable<TableRequest> {
    // Two of a semaphore's holders may each leave room, and both together none: each of them is in the way.
    if (!this.#admitsAllOf(claim, request)) for (const holder of this.holders) yield holder.request
    if (minding === 'holders') return
    for (const earlier of this.queue) {
      if (earlier.request === request) return
      if (!(earlier.claim.shared && claim.shared)) yield earlier.request
    }
  }

  /** Whether the holders leave room for `claim` and for what the same party waits for already. */
  #admitsAllOf(claim: Claim, request: TableRequest): boolean {
    let permits = claim.permits
    for (const { request: earlier, claim: wanted } of this.queue) {
      if (earlier === request) break
      if (partyOf(earlier) === partyOf(request) && !wanted.shared) permits += wanted.permits
    }
    return this.admits(permits === claim.permits ? claim : { ...claim, permits })
  }

  /** Lets the waiters of these parties take their turns in this order; all others keep their places. */
  reorder(parties: readonly Party[]): void {
    const places = this.queue.flatMap((entry, place) =>
      parties.includes(partyOf(entry.request)) ? [place] : [],
    )
    const rank = ({ request }: KeyClaim): number => parties.indexOf(partyOf(request))
    const entries = places.map((place) => this.queue[place] as KeyClaim)
    entries.sort((one, other) => rank(one) - rank(other))
    for (const [index, place] of places.entries()) this.queue[place] = entries[index] as KeyClaim
  }

  /**
   * Whether the waiter `request` would wait on when only those holders and waiters were left who stay. What the same party wants besides is no reason to wait for
   * its turn, but it needs its permits, too.
   */
  keepsWaiting(
    claim: Claim,
    request: TableRequest,
    stays: (request: TableRequest) => boolean,
    minding: 'queues' | 'holders',
  ): boolean {
    let taken = 0
    for (const { request: holder, claim: held } of this.holders) {
      if (!stays(holder) || (held.shared && claim.shared)) continue
      if (held.shared || claim.shared) return true
      taken += held.permits
    }
    for (const { request: earlier, claim: wanted } of this.queue) {
      if (earlier === request) break
      if (!stays(earlier) || (wanted.shared && claim.shared)) continue
      if (partyOf(earlier) === partyOf(request)) taken += wanted.permits
      else if (minding === 'queues') return true
    }
    return taken + claim.permits > claim.limit
  }
}
