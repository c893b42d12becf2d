import { median } from '../measure/percentiles.ts'
import type { UncontendedRow } from './uncontended.ts'

/** How evenly something is shared out (Jain): 1 when all have the same, 1 / n when one of n has everything; NaN of nothing. */
export function jain(shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0)
  const squares = shares.reduce((total, share) => total + share * share, 0)
  return squares === 0 ? Number.NaN : (sum * sum) / (shares.length * squares)
}

/** How many times as many a second `one` does as `other` at a level; NaN when one of them is not there. */
export function ratioOf(
  rows: readonly UncontendedRow[],
  outstanding: number,
  one: string,
  other: string,
): number {
  return ratioOfRows(rowOf(rows, outstanding, one), rowOf(rows, outstanding, other))
}

/** The middle of the ratios of each round: what a machine does to one round, it does to both. NaN when one of them is not there. */
export function ratioOfRows(one: UncontendedRow | undefined, other: UncontendedRow | undefined): number {
  return median((one?.rounds ?? []).map((rate, round) => rate / (other?.rounds[round] ?? Number.NaN)))
}

/** What a system does a second at a level; NaN when it is not there. */
export function rateOf(rows: readonly UncontendedRow[], outstanding: number, name: string): number {
  return rowOf(rows, outstanding, name)?.opsPerSecond ?? Number.NaN
}

/** A system at a level. */
export function rowOf(
  rows: readonly UncontendedRow[],
  outstanding: number,
  name: string,
): UncontendedRow | undefined {
  return rows.find((row) => row.system === name && row.outstanding === outstanding)
}

/** The one of others that does the most a second at a level: whatever is not ours. */
export function bestPeer(rows: readonly UncontendedRow[], outstanding: number): UncontendedRow | undefined {
  return rows
    .filter((row) => row.outstanding === outstanding && !row.system.startsWith('colony'))
    .toSorted((left, right) => right.opsPerSecond - left.opsPerSecond)[0]
}

/** How many of the counted commands a client sent: those of the names in `sends`. */
export function commandsSent(counts: ReadonlyMap<string, number>, sends: readonly string[]): number {
  return sends.reduce((sum, name) => sum + (counts.get(name) ?? 0), 0)
}

/** How often each command was run between two counts. */
export function countsBetween(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  return new Map([...after].map(([name, count]) => [name, count - (before.get(name) ?? 0)]))
}
