import { ownerArray } from './circle.ts'

/** A backend's order of preference for the slots: offset, offset + skip, offset + 2 skip, … (mod the size, which is prime). */
export interface Permutation {
  /** 0 to size - 1. */
  readonly offset: number
  /** 1 to size - 1. */
  readonly skip: number
  /** Above 0 and at most 1, which at least one backend has: how many turns it takes for each of those that have most. */
  readonly turns: number
}

/**
 * Fills a lookup table (D. E. Eisenbud et al., "Maglev: A Fast and Reliable Software Network Load Balancer", 2016, pseudocode 1): in turn, each
 * backend takes the first slot of its permutation that is still free. One with `turns` t has a turn in the rounds 0, 1/t, 2/t, …, rounded up,
 * so each has at least one while there are slots. The slots' backends, by their indexes. Expected O(size log size).
 */
export function populate(size: number, backends: readonly Permutation[]): Uint16Array | Uint32Array {
  const owners = ownerArray(size, backends.length)
  const taken = new Uint8Array(size)
  const next = Float64Array.from(backends, ({ offset }) => offset)
  const done = new Float64Array(backends.length)
  let filled = 0
  for (let round = 0; ; round++) {
    for (const [at, { skip, turns }] of backends.entries()) {
      if (round * turns < (done[at] as number)) continue
      done[at] = (done[at] as number) + 1
      let slot = next[at] as number
      while (taken[slot] === 1) slot = (slot + skip) % size
      taken[slot] = 1
      owners[slot] = at
      next[at] = (slot + skip) % size
      if (++filled === size) return owners
    }
  }
}

/** The owners of the slots from one on, round the table, each once. */
export function* distinctFrom(owners: Uint16Array | Uint32Array, start: number): IterableIterator<number> {
  const seen = new Set<number>()
  for (let step = 0; step < owners.length; step++) {
    const owner = owners[(start + step) % owners.length] as number
    if (seen.has(owner)) continue
    seen.add(owner)
    yield owner
  }
}

/** The first `count` of {@link distinctFrom}. Few are asked for, so those found are compared one by one. */
export function firstFrom(owners: Uint16Array | Uint32Array, start: number, count: number): number[] {
  const found: number[] = []
  for (let step = 0, at = start; step < owners.length && found.length < count; step++) {
    const owner = owners[at] as number
    if (++at === owners.length) at = 0
    if (!found.includes(owner)) found.push(owner)
  }
  return found
}

/** By trial division: sizes are small. */
export function isPrime(value: number): boolean {
  for (let divisor = 2; divisor * divisor <= value; divisor++) if (value % divisor === 0) return false
  return value > 1
}
