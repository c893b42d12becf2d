import type { LocalProposal } from './local-proposal.ts'

/**
 * Proposals in the order in which they were made. Linked through themselves and not a `Set`: each one is added and removed once, and under
 * load the hashing and rehashing of a `Set` was several percent of a leader's time.
 */
export class ProposalList<Result> implements Iterable<LocalProposal<Result>> {
  #first: LocalProposal<Result> | undefined
  #last: LocalProposal<Result> | undefined
  #size = 0

  /** How many there are. */
  get size(): number {
    return this.#size
  }

  /** Adds one that is in no list. */
  add(proposal: LocalProposal<Result>): void {
    proposal.previous = this.#last
    if (this.#last === undefined) this.#first = proposal
    else this.#last.next = proposal
    this.#last = proposal
    this.#size++
  }

  /** Removes one that is in this list. */
  remove(proposal: LocalProposal<Result>): void {
    const { previous, next } = proposal
    if (previous === undefined) this.#first = next
    else previous.next = next
    if (next === undefined) this.#last = previous
    else next.previous = previous
    proposal.previous = undefined
    proposal.next = undefined
    this.#size--
  }

  /** Goes through all of them; the one that was given last may be removed meanwhile. */
  *[Symbol.iterator](): IterableIterator<LocalProposal<Result>> {
    for (let proposal = this.#first; proposal !== undefined;) {
      const { next } = proposal
      yield proposal
      proposal = next
    }
  }
}
