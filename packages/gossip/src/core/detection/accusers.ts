import type { NodeId } from '@colony/host'
import type { CoreContext } from '../component.ts'
import { compareIncarnations } from '../members/incarnation.ts'
import type { Member } from '../members/member.ts'

/** So many complaints that were refuted and that nobody shared put an accuser in quarantine. */
const QUARANTINE_FROM = 3
/** A complaint counts half after so long. */
const HALF_LIFE_MS = 60_000
/** A suspect has more time, the more false complaints it refuted lately: up to twice as much. */
const MOST_PATIENCE = 2
const PATIENCE_EACH = 0.25
/** Names of whom there are counts; of more, the one that was named longest ago is forgotten. */
const KEPT = 256

interface Count {
  value: number
  at: number
}

/** Counts that fade, for a bounded number of names. */
class FadingCounts {
  readonly #counts = new Map<NodeId, Count>()

  add(id: NodeId, now: number): void {
    const value = this.get(id, now) + 1
    this.#counts.delete(id)
    this.#counts.set(id, { value, at: now })
    if (this.#counts.size <= KEPT) return
    for (const oldest of this.#counts.keys()) {
      this.#counts.delete(oldest)
      return
    }
  }

  get(id: NodeId, now: number): number {
    if (this.#counts.size === 0) return 0
    const count = this.#counts.get(id)
    return count === undefined ? 0 : count.value * 2 ** ((count.at - now) / HALF_LIFE_MS)
  }

  delete(id: NodeId): void {
    this.#counts.delete(id)
  }
}

/**
 * Who complains without reason, and of whom. A node that hears nobody (a link that works one way only, a process that is starved) complains of everybody, and everybody refutes, for as long as it
 * lasts. Its complaints are passed over until this node has looked itself; they count again as soon as one of them proves right.
 */
export class Accusers {
  readonly #context: CoreContext
  readonly #falseBy = new FadingCounts()
  readonly #falseOf = new FadingCounts()

  constructor(context: CoreContext) {
    this.#context = context
  }

  /** Whether complaints by `accuser` are passed over. */
  isQuarantined(accuser: NodeId): boolean {
    return this.#falseBy.get(accuser, this.#context.now) >= QUARANTINE_FROM
  }

  /** How many times as long as others a suspect may take. */
  patience(id: NodeId): number {
    const falsely = this.#falseOf.get(id, this.#context.now)
    return Math.min(MOST_PATIENCE, 1 + PATIENCE_EACH * falsely)
  }

  /** A complaint ended: `accuser` was the first, and so many said the same. */
  ended(before: Member, after: Member | undefined, accuser: NodeId, confirmations: number): void {
    if (after?.status === 'failed') {
      this.#falseBy.delete(accuser)
      return
    }
    const refuted =
      after?.status === 'alive' && compareIncarnations(after.incarnation, before.incarnation) > 0
    if (!refuted) return
    this.#falseOf.add(before.id, this.#context.now)
    if (confirmations === 0 && accuser !== this.#context.self) this.#falseBy.add(accuser, this.#context.now)
  }
}
