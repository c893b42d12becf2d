import { createRandom, type Random } from '@colony/host'
import { MappingTable } from './mapping-table.ts'
import type { Ordering } from './orderings.ts'

/** The experiment of the paper, section 4. Times are in seconds. */
export interface ExperimentOptions {
  readonly ordering: Ordering
  readonly seed: number | string
  /** Default 128. */
  readonly participants?: number
  /** Keys of each. Default 64. */
  readonly keys?: number
  /** Most deltas of one message, from second 15 on. Default 100. */
  readonly limit?: number
}

/** How far behind all participants were at the end of one second. */
export interface Staleness {
  readonly second: number
  /** Mappings that are older than their owner's, for each participant in the mean. */
  readonly stale: number
  /** For how many seconds the most outdated of all mappings has been outdated. */
  readonly oldest: number
}

/** When something changes. */
export const PHASES = { limited: 15, doubled: 25, single: 75, quiet: 120, end: 150 } as const

/**
 * Every participant writes one of its keys a second, and once a second exchanges what is missing with another, both ways. For the first 15 seconds everything fits; from second 25 to 75 twice as much is
 * written, more than the messages carry; at second 120 the writing stops.
 */
export function runExperiment(options: ExperimentOptions): readonly Staleness[] {
  const experiment = new Experiment(options)
  return Array.from({ length: PHASES.end }, (_, second) => experiment.pass(second))
}

class Experiment {
  readonly #ordering: Ordering
  readonly #random: Random
  readonly #limit: number
  readonly #tables: readonly MappingTable[]
  /** When each version of each owner was written. */
  readonly #times: readonly number[][]
  /** When each version of each owner was written over. */
  readonly #replacedAt: readonly number[][]
  /** When each key of each owner was written first. */
  readonly #firstAt: readonly number[][]

  constructor({ ordering, seed, participants = 128, keys = 64, limit = 100 }: ExperimentOptions) {
    this.#ordering = ordering
    this.#random = createRandom(seed, 'scuttlebutt')
    this.#limit = limit
    this.#tables = Array.from({ length: participants }, () => new MappingTable(participants, keys))
    this.#times = Array.from({ length: participants }, () => [0])
    this.#replacedAt = Array.from({ length: participants }, () => [])
    this.#firstAt = Array.from({ length: participants }, () => [])
  }

  pass(second: number): Staleness {
    const limit = second < PHASES.limited ? Infinity : this.#limit
    const doubled = second >= PHASES.doubled && second < PHASES.single
    const writes = second >= PHASES.quiet ? 0 : doubled ? 2 : 1
    this.#tables.forEach((_, participant) => {
      const at = second + participant / this.#tables.length
      for (let write = 0; write < writes; write++) this.#write(participant, at)
      this.#exchange(participant, limit)
    })
    return this.#look(second)
  }

  #write(owner: number, at: number): void {
    const times = this.#times[owner] ?? []
    const table = this.#tables[owner]
    const key = this.#random.integer(0, (table?.keys ?? 1) - 1)
    const before = table?.versionOf(owner, key) ?? 0
    const replaced = before === 0 ? this.#firstAt[owner] : this.#replacedAt[owner]
    if (replaced !== undefined) replaced[before === 0 ? key : before] = at
    table?.take({ owner, key, version: times.length })
    times.push(at)
  }

  #exchange(participant: number, limit: number): void {
    const drawn = this.#random.integer(0, this.#tables.length - 2)
    const mine = this.#tables[participant]
    const theirs = this.#tables[drawn < participant ? drawn : drawn + 1]
    if (mine === undefined || theirs === undefined) return
    const writtenAt = (owner: number, version: number): number => this.#times[owner]?.[version] ?? 0
    const random = this.#random
    // Both answer the digest that the other had before.
    const there = this.#ordering({ sender: mine, receiver: theirs, limit, writtenAt, random })
    const back = this.#ordering({ sender: theirs, receiver: mine, limit, writtenAt, random })
    for (const delta of there) theirs.take(delta)
    for (const delta of back) mine.take(delta)
  }

  #look(second: number): Staleness {
    let stale = 0
    let oldest = 0
    const end = second + 1
    for (const [participant, table] of this.#tables.entries()) {
      for (const [owner, own] of this.#tables.entries()) {
        if (owner === participant) continue
        for (let key = 0; key < table.keys; key++) {
          const known = table.versionOf(owner, key)
          if (known === own.versionOf(owner, key)) continue
          stale += 1
          const since = known === 0 ? this.#firstAt[owner]?.[key] : this.#replacedAt[owner]?.[known]
          oldest = Math.max(oldest, end - (since ?? end))
        }
      }
    }
    return { second: end, stale: stale / this.#tables.length, oldest }
  }
}
