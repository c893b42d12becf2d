import type { LogIndex, Term } from '../core/entry.ts'
import type { ApplyOutcome } from './applier.ts'

/** Someone who waits for an entry that this node appended as leader. */
export interface EntryWaiter<Result> {
  /** The entry was committed and applied. */
  applied(index: LogIndex, outcome: ApplyOutcome<Result>): void
  /** Another entry was committed in its place: it was not and will never be applied. */
  superseded(): void
  /** A snapshot took the place of the entry at its index: nobody here can tell whether it was this one. */
  lost(): void
}

interface Waiting<Result> {
  readonly term: Term
  readonly waiter: EntryWaiter<Result>
}

/** So many places of settled entries may be kept at the front before they are given up. */
const KEPT_PLACES = 1024

/**
 * Who waits for which entry. An entry that this node appended in one term may be committed by a later leader or replaced; which of the
 * two is certain as soon as any entry is committed at its index, so nobody needs to guess when leadership is lost.
 *
 * Indexes are settled in their order and appended nearly in it, so the places are two arrays side by side, without an object or a hash an
 * entry. Invariant: place `i` stands for index `first + i`.
 */
export class AwaitedEntries<Result> {
  #first: LogIndex = 0
  readonly #waiters: (EntryWaiter<Result> | undefined)[] = []
  readonly #terms: Term[] = []
  /** Who waited for the same index in an earlier term: the log was cut there and this node led again. Rare. */
  readonly #earlier = new Map<LogIndex, Waiting<Result>[]>()

  /** Waits for the entry of `term` at `index`. */
  add(index: LogIndex, term: Term, waiter: EntryWaiter<Result>): void {
    if (this.#waiters.length === 0) this.#first = index
    while (index < this.#first) this.#addPlaceInFront()
    const place = index - this.#first
    while (this.#waiters.length < place) this.#addPlace(undefined, 0)
    const known = this.#waiters[place]
    if (known !== undefined) {
      this.#keepEarlier(index, { term: this.#terms[place] ?? 0, waiter: known })
      this.#waiters[place] = waiter
      this.#terms[place] = term
    } else if (place === this.#waiters.length) {
      this.#addPlace(waiter, term)
    } else {
      this.#waiters[place] = waiter
      this.#terms[place] = term
    }
  }

  /** Tells whoever waited for `index` what was committed there. Indexes come in their order. */
  settle(index: LogIndex, term: Term, outcome: ApplyOutcome<Result>): void {
    const place = index - this.#first
    if (place < 0 || place >= this.#waiters.length) return
    const waiter = this.#waiters[place]
    this.#waiters[place] = undefined
    const own = this.#terms[place] ?? 0
    this.#forgetUpTo(place)
    if (waiter === undefined) return
    tell(waiter, own === term, index, outcome)
    if (this.#earlier.size > 0) this.#settleEarlier(index, term, outcome)
  }

  /** A snapshot took the place of all entries up to `index`. */
  loseUpTo(index: LogIndex): void {
    const count = Math.min(this.#waiters.length, index - this.#first + 1)
    if (count <= 0) return
    const lost = this.#waiters.splice(0, count)
    this.#terms.splice(0, count)
    this.#first += count
    for (const waiter of lost) waiter?.lost()
    for (const [at, waiting] of this.#earlier) {
      if (at > index) continue
      this.#earlier.delete(at)
      for (const { waiter } of waiting) waiter.lost()
    }
  }

  #settleEarlier(index: LogIndex, term: Term, outcome: ApplyOutcome<Result>): void {
    const earlier = this.#earlier.get(index) ?? []
    this.#earlier.delete(index)
    for (const { term: own, waiter } of earlier) tell(waiter, own === term, index, outcome)
  }

  #keepEarlier(index: LogIndex, waiting: Waiting<Result>): void {
    const earlier = this.#earlier.get(index)
    if (earlier === undefined) this.#earlier.set(index, [waiting])
    else earlier.push(waiting)
  }

  #addPlace(waiter: EntryWaiter<Result> | undefined, term: Term): void {
    this.#waiters.push(waiter)
    this.#terms.push(term)
  }

  /** The log was cut below what was waited for, and this node led again. */
  #addPlaceInFront(): void {
    this.#waiters.unshift(undefined)
    this.#terms.unshift(0)
    this.#first--
  }

  /** Everything up to `place` is settled: gives the places up, many at a time. */
  #forgetUpTo(place: number): void {
    const done = place + 1
    if (done < this.#waiters.length && done < KEPT_PLACES) return
    this.#waiters.splice(0, done)
    this.#terms.splice(0, done)
    this.#first += done
  }
}

function tell<Result>(
  waiter: EntryWaiter<Result>,
  its: boolean,
  index: LogIndex,
  outcome: ApplyOutcome<Result>,
): void {
  if (its) waiter.applied(index, outcome)
  else waiter.superseded()
}
