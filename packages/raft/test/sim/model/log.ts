import type { Entry } from '../../../src/index.ts'
import { sameEntry } from '../rules/entries.ts'

/** A log as the paper has it: positions from 1, each with an entry, after what a snapshot stands for (section 7). */
export class ModelLog {
  /** Index and term of the last entry that a snapshot stands for; 0 while there is none. */
  base = 0
  baseTerm = 0
  readonly #entries: Entry[]

  constructor(entries: readonly Entry[] = [], base = 0, baseTerm = 0) {
    this.#entries = [...entries]
    this.base = base
    this.baseTerm = baseTerm
  }

  /** Index of the last entry. */
  get last(): number {
    return this.base + this.#entries.length
  }

  /** Term of the last entry, 0 when there is none. */
  get lastTerm(): number {
    return this.#entries.at(-1)?.term ?? this.baseTerm
  }

  /** Term of the entry at `index`; `undefined` where there is none or nobody knows any more. */
  termAt(index: number): number | undefined {
    if (index === this.base) return this.baseTerm
    return this.at(index)?.term
  }

  /** The entry at `index`. */
  at(index: number): Entry | undefined {
    return this.#entries[index - this.base - 1]
  }

  push(entry: Entry): void {
    this.#entries.push(entry)
  }

  /** Deletes the entry at `index` and all that follow it (figure 2, AppendEntries, rule 3). */
  cutFrom(index: number): void {
    this.#entries.length = Math.max(0, index - this.base - 1)
  }

  copy(): ModelLog {
    return new ModelLog(this.#entries, this.base, this.baseTerm)
  }

  /** The first of `entries`, which begin at `first`, that is not the one here; `undefined` when all are the same. */
  difference(first: number, entries: readonly Entry[]): number | undefined {
    for (let i = 0; i < entries.length; i++) {
      const own = this.at(first + i)
      const other = entries[i]
      if (own === undefined || other === undefined || !sameEntry(own, other)) return first + i
    }
    return undefined
  }
}
