import type { LogIndex, Term } from '../core/entry.ts'
import type { ApplyOutcome } from './applier.ts'

/** Someone who waits for an entry that this node appended as leader. */
export interface EntryWaiter<Result> {
  /** The entry was committed and applied. */
  applied(index: LogIndex, outcome: ApplyOutcome<Result>): void
  /** Another entry was committed in its place: it was not and will never be applied. */
  superseded(): void
}

interface Waiting<Result> {
  readonly term: Term
  readonly waiter: EntryWaiter<Result>
  /** Waits for the same index in an earlier term: the log was cut there and this node led again. Rare. */
  readonly earlier: Waiting<Result> | undefined
}

/**
 * Who waits for which entry. An entry that this node appended in one term may be committed by a later leader or replaced; which of the
 * two is certain as soon as any entry is committed at its index, so nobody needs to guess when leadership is lost.
 */
export class AwaitedEntries<Result> {
  readonly #waiting = new Map<LogIndex, Waiting<Result>>()

  /** Waits for the entry of `term` at `index`. */
  add(index: LogIndex, term: Term, waiter: EntryWaiter<Result>): void {
    this.#waiting.set(index, { term, waiter, earlier: this.#waiting.get(index) })
  }

  /** Tells whoever waited for `index` what was committed there. */
  settle(index: LogIndex, term: Term, outcome: ApplyOutcome<Result>): void {
    let waiting = this.#waiting.get(index)
    if (waiting === undefined) return
    this.#waiting.delete(index)
    for (; waiting !== undefined; waiting = waiting.earlier) {
      if (waiting.term === term) waiting.waiter.applied(index, outcome)
      else waiting.waiter.superseded()
    }
  }
}
