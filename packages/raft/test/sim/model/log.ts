import type { Entry } from '../../../src/index.ts'
import { sameEntry } from '../rules/entries.ts'
import { type ModelMembership, membershipOf } from './membership.ts'

/** What a snapshot stands for (section 7): the last entry that it contains, and who was a member then. */
export interface LogBase {
  readonly index: number
  readonly term: number
  readonly membership: ModelMembership
}

/** A log as the paper has it: positions from 1, each with an entry, after what a snapshot stands for. */
export class ModelLog {
  readonly base: LogBase
  readonly #entries: Entry[] = []
  /** The memberships of the base and of the configuration entries, in their order. */
  readonly #memberships: ModelMembership[]

  constructor(base: LogBase, entries: readonly Entry[] = []) {
    this.base = base
    this.#memberships = [base.membership]
    for (const entry of entries) this.push(entry)
  }

  /** Index of the last entry. */
  get last(): number {
    return this.base.index + this.#entries.length
  }

  /** Term of the last entry, 0 when there is none. */
  get lastTerm(): number {
    return this.#entries.at(-1)?.term ?? this.base.term
  }

  /** Who takes part: "a server always uses the latest configuration in its log, regardless of whether the entry is committed" (section 6). */
  get membership(): ModelMembership {
    return this.#memberships.at(-1) ?? this.base.membership
  }

  /** Who took part before that. */
  get membershipBefore(): ModelMembership {
    return this.#memberships.at(-2) ?? this.membership
  }

  /** Who took part at `index`. */
  membershipAt(index: number): ModelMembership {
    return this.#memberships.findLast((membership) => membership.index <= index) ?? this.base.membership
  }

  /** Term of the entry at `index`; `undefined` where there is none or nobody knows any more. */
  termAt(index: number): number | undefined {
    if (index === this.base.index) return this.base.term
    return this.at(index)?.term
  }

  /** The entry at `index`. */
  at(index: number): Entry | undefined {
    return this.#entries[index - this.base.index - 1]
  }

  push(entry: Entry): void {
    this.#entries.push(entry)
    if (entry.kind === 'configuration') this.#memberships.push(membershipOf(entry, this.last))
  }

  /** Deletes the entry at `index` and all that follow it (figure 2, AppendEntries, rule 3). */
  cutFrom(index: number): void {
    this.#entries.length = Math.max(0, index - this.base.index - 1)
    while (this.#memberships.length > 1 && this.membership.index >= index) this.#memberships.pop()
  }

  copy(): ModelLog {
    return new ModelLog(this.base, this.#entries)
  }

  /** The first of `entries`, which begin at `first`, that is not the one here; `undefined` when all are the same. Those before the base do not matter. */
  difference(first: number, entries: readonly Entry[]): number | undefined {
    for (let i = Math.max(0, this.base.index + 1 - first); i < entries.length; i++) {
      const own = this.at(first + i)
      const other = entries[i]
      if (own === undefined || other === undefined || !sameEntry(own, other)) return first + i
    }
    return undefined
  }
}
