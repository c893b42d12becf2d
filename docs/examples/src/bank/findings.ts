/** What can be found wrong. */
export type Check =
  /** An acknowledged transfer is missing on a node. */
  | 'lost'
  /** A transfer was applied more than once. */
  | 'duplicated'
  /** A node has a transfer that nobody asked for, or another one under its id. */
  | 'invented'
  /** Nodes differ. */
  | 'diverged'
  /** Money came from nowhere, or went there. */
  | 'not conserved'
  /** Something that had completed was not seen by what began later. */
  | 'out of order'
  /** A result that the order of the log does not explain. */
  | 'wrong result'
  /** The history of an account is not linearizable, whatever order is tried. */
  | 'not linearizable'
  /** A local read was older than it said, or showed what never was. */
  | 'staler than promised'
  /** A check could not be made: nothing is proved then. */
  | 'undecided'

const SHOWN_PER_CHECK = 3

/** Collects what is wrong: each thing counted once, and a few of them told. */
export class Findings {
  readonly #found = new Map<Check, Map<string, string>>()

  /** Notes that `check` failed for `what`. Once for each. */
  add(check: Check, what: string, detail: string): void {
    const found = this.#found.get(check) ?? new Map<string, string>()
    this.#found.set(check, found)
    if (!found.has(what)) found.set(what, detail)
  }

  /** For how many things these checks failed. */
  count(...checks: readonly Check[]): number {
    return checks.reduce((sum, check) => sum + (this.#found.get(check)?.size ?? 0), 0)
  }

  /** Lines for people; none when nothing is wrong. */
  describe(): readonly string[] {
    return [...this.#found].flatMap(([check, found]) => {
      const shown = [...found].slice(0, SHOWN_PER_CHECK)
      const more = found.size - shown.length
      return [
        ...shown.map(([what, detail]) => `${check}: ${what}: ${detail}`),
        ...(more > 0 ? [`${check}: and ${more} more`] : []),
      ]
    })
  }
}
