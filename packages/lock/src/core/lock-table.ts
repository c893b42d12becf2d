import type { Claim } from './claim.ts'
import { KeyState } from './key-state.ts'
import { type Party, partyOf, requestsOf, type TableRequest } from './table-request.ts'
import { type CycleStep, findDeadlock } from './wait-graph.ts'
import { chooseVictim, type VictimChooser, type VictimPolicy } from './victim.ts'

/** How a request was answered at once. `'mismatch'`: the key is there with another number of permits; `'reentrant'`: the owner holds it, and would wait for itself. */
export type Answer = 'held' | 'waiting' | 'refused' | 'mismatch' | 'reentrant' | 'deadlock'

/** What the table tells, in order, when something happens to a request other than the one that is being asked for. */
export interface TableListener {
  /** A request that waited is a lock now. */
  granted(request: TableRequest): void
  /** A request that waited or held is at an end: its party was chosen to break this cycle. */
  broken(request: TableRequest, cycle: readonly CycleStep[]): void
}

/** How a request is to be treated. */
export interface RequestOptions {
  /** False: it does not wait. Default: true. */
  readonly mayWait?: boolean
  /** Who gives way in a deadlock. Default: `'youngest'`. */
  readonly victim?: VictimPolicy | VictimChooser
  /** Wait-die: it waits only for parties that are younger, and is refused with `'deadlock'` else. No cycle can come about then. */
  readonly waitDie?: boolean
}

const NO_OPTIONS: RequestOptions = {}

/**
 * Who holds what and who waits for what: the one place where locks are granted, in one process as in every replica of a group. Deterministic: the same
 * calls lead to the same grants, tokens and victims, so it may be a replicated state machine. Knows no time.
 *
 * Waiters of a key are served first come first. A request for several keys waits in all their queues and takes all or nothing.
 */
export class LockTable {
  readonly #keys = new Map<string, KeyState>()
  readonly #listener: TableListener
  #lastToken = 0
  /** The request whose answer is being found: it is told by that, and not by the listener. */
  #asking: TableRequest | undefined
  #cycle: readonly CycleStep[] = []

  constructor(listener: TableListener) {
    this.#listener = listener
  }

  /** The greatest fencing token that was given. */
  get lastToken(): number {
    return this.#lastToken
  }

  /** After the answer `'deadlock'`: the cycle that was broken; empty where none could come about (wait-die). */
  get cycle(): readonly CycleStep[] {
    return this.#cycle
  }

  /** How many keys are held or waited for. */
  get size(): number {
    return this.#keys.size
  }

  /** Raises the next token above `token`: what grants count is an index of something that others count too. */
  raiseToken(token: number): void {
    this.#lastToken = Math.max(this.#lastToken, token)
  }

  /** Takes in a new request. `'held'` and `'waiting'`: it is in the table until {@link LockTable.end}; else it is not. */
  request(request: TableRequest, options: RequestOptions = NO_OPTIONS): Answer {
    if (this.#holdAtOnce(request)) return 'held'
    this.#cycle = []
    const problem = this.#problemWith(request)
    if (problem !== undefined) return problem
    if (this.#mayHold(request)) {
      this.#hold(request)
      return 'held'
    }
    if (options.mayWait === false) return 'refused'
    this.#wait(request)
    if (options.waitDie === true) {
      if (!this.#isYoungerThanBlockers(request)) return 'waiting'
      this.#remove(request)
      return 'deadlock'
    }
    // Who chooses a victim may ask for locks meanwhile.
    const before = this.#asking
    this.#asking = request
    const answer = this.#resolve(request, options.victim ?? 'youngest')
    this.#asking = before
    return answer
  }

  /** A lock is given back, or a wait given up. Nothing happens to a request that has ended. */
  end(request: TableRequest): void {
    if (request.state !== 'held' && request.state !== 'waiting') return
    if (this.#endAtOnce(request)) return
    this.#remove(request)
    this.#serve(request.claims)
  }

  /** Everything that a party holds and waits for ends. */
  endAll(party: Party): void {
    const requests = [...requestsOf(party)]
    for (const request of requests) this.#remove(request)
    for (const request of requests) this.#serve(request.claims)
  }

  /** Whether `request` could be a lock at once, were it asked for now. */
  isFree(claims: readonly Claim[]): boolean {
    return claims.every(({ key }) => !this.#keys.has(key))
  }

  /** What nearly every request is: one key that nobody wants. */
  #holdAtOnce(request: TableRequest): boolean {
    const [claim] = request.claims
    if (claim === undefined || request.claims.length > 1 || this.#keys.has(claim.key)) return false
    const state = new KeyState()
    this.#keys.set(claim.key, state)
    state.hold({ request, claim })
    this.#becomeHeld(request)
    return true
  }

  /** What nearly every lock is: one key that nobody else wants. */
  #endAtOnce(request: TableRequest): boolean {
    const [claim] = request.claims
    if (claim === undefined || request.claims.length > 1 || request.state !== 'held') return false
    if (this.#keys.get(claim.key)?.isUncontended !== true) return false
    this.#keys.delete(claim.key)
    request.state = 'ended'
    request.owner?.requests.delete(request)
    return true
  }

  #problemWith(request: TableRequest): 'mismatch' | 'reentrant' | undefined {
    for (const claim of request.claims) {
      const state = this.#keys.get(claim.key)
      if (state === undefined) continue
      if (state.limit !== claim.limit) return 'mismatch'
      if (request.owner !== undefined && state.wouldWaitForItself(claim, request.owner)) return 'reentrant'
    }
    return undefined
  }

  #mayHold(request: TableRequest): boolean {
    for (const claim of request.claims) {
      const state = this.#keys.get(claim.key)
      if (state !== undefined && (!state.admits(claim) || state.isBehind(claim, request))) return false
    }
    return true
  }

  #hold(request: TableRequest): void {
    for (const claim of request.claims) this.#keyFor(claim.key).hold({ request, claim })
    this.#becomeHeld(request)
  }

  #becomeHeld(request: TableRequest): void {
    request.state = 'held'
    request.token = ++this.#lastToken
    request.owner?.requests.add(request)
  }

  #wait(request: TableRequest): void {
    for (const claim of request.claims) this.#keyFor(claim.key).queue.push({ request, claim })
    request.state = 'waiting'
    request.owner?.requests.add(request)
  }

  #keyFor(key: string): KeyState {
    let state = this.#keys.get(key)
    if (state === undefined) this.#keys.set(key, (state = new KeyState()))
    return state
  }

  #remove(request: TableRequest): void {
    request.state = 'ended'
    request.owner?.requests.delete(request)
    for (const { key } of request.claims) {
      const state = this.#keys.get(key)
      if (state === undefined) continue
      state.remove(request)
      if (state.isIdle) this.#keys.delete(key)
    }
  }

  /** Grants what became free of these keys, in the order of their queues. */
  #serve(claims: readonly Claim[]): void {
    for (const { key } of claims) {
      // Anew after each grant: a listener may change the table.
      for (let next = this.#nextFor(key); next !== undefined; next = this.#nextFor(key)) this.#grant(next)
    }
  }

  #nextFor(key: string): TableRequest | undefined {
    const state = this.#keys.get(key)
    if (state === undefined) return undefined
    for (const { request, claim } of state.queue) {
      if (this.#mayHold(request)) return request
      // Whoever comes after a waiter that is not shared is behind it: nothing more to look at.
      if (!claim.shared) return undefined
    }
    return undefined
  }

  #grant(request: TableRequest): void {
    for (const { key } of request.claims) this.#keys.get(key)?.remove(request)
    this.#hold(request)
    if (request !== this.#asking) this.#listener.granted(request)
    // An owner that waits for something else, too, may have closed a cycle by what it holds now.
    const others = request.owner?.requests
    if (others !== undefined && others.size > 1) {
      for (const other of others) if (other.state === 'waiting') this.#resolve(other, 'youngest')
    }
  }

  /** Breaks every deadlock that `request` is part of by waiting. */
  #resolve(request: TableRequest, choice: VictimPolicy | VictimChooser): Answer {
    const party = partyOf(request)
    for (;;) {
      if (request.state !== 'waiting') return request.state === 'held' ? 'held' : 'deadlock'
      const deadlock = findDeadlock(party, this.#lookup)
      if (deadlock === undefined) return 'waiting'
      if (deadlock.kind === 'cycle') {
        this.#break(deadlock.steps, chooseVictim(deadlock.steps, party, choice))
      } else {
        this.#reorder(deadlock.parties)
      }
    }
  }

  /** Nobody need lose a lock where it is enough that some take their turn before others. */
  #reorder(parties: readonly Party[]): void {
    const claims = parties.flatMap((party) => {
      return [...requestsOf(party)].flatMap((request) => (request.state === 'waiting' ? request.claims : []))
    })
    for (const { key } of claims) this.#keys.get(key)?.reorder(parties)
    this.#serve(claims)
  }

  #break(cycle: readonly CycleStep[], victim: Party): void {
    const requests = [...requestsOf(victim)]
    for (const request of requests) this.#remove(request)
    if (this.#asking?.state === 'ended') this.#cycle = cycle
    for (const request of requests) if (request !== this.#asking) this.#listener.broken(request, cycle)
    for (const request of requests) this.#serve(request.claims)
  }

  #isYoungerThanBlockers(request: TableRequest): boolean {
    const { id } = partyOf(request)
    for (const claim of request.claims) {
      for (const blocker of this.#keys.get(claim.key)?.blockersOf(claim, request) ?? []) {
        if (partyOf(blocker).id < id) return true
      }
    }
    return false
  }

  /** Every key that is held or waited for, with its holders and its queue: what a copy of the table is made of. */
  keys(): Iterable<readonly [string, KeyState]> {
    return this.#keys
  }

  /** Takes over a key of another table. Its requests have their states, tokens and owners already; nobody is told. */
  adopt(key: string, holders: readonly TableRequest[], queue: readonly TableRequest[]): void {
    const state = this.#keyFor(key)
    for (const request of holders) state.hold({ request, claim: claimOn(key, request) })
    for (const request of queue) state.queue.push({ request, claim: claimOn(key, request) })
  }

  readonly #lookup = (key: string): KeyState | undefined => this.#keys.get(key)
}

function claimOn(key: string, request: TableRequest): Claim {
  const claim = request.claims.find((one) => one.key === key)
  if (claim === undefined) throw new Error(`request ${request.id} makes no claim on '${key}'`)
  return claim
}
