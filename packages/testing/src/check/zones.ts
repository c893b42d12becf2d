import type { Operation } from '../history/operation.ts'
import type { RegisterHistory } from './register-history.ts'
import { markHappened, NOBODY, NOTHING } from './register-history.ts'

/** What happens in one piece: see {@link Zones}. */
interface Chain {
  /** The version that it begins with. */
  readonly root: number
  /** The first end of any of its operations, and the last beginning. */
  readonly firstEnd: number
  readonly lastStart: number
}

/**
 * Decides a history of one register in O(n log n), where it is known who read whose value: the zones of Gibbons and Korach ("Testing Shared Memories", 1997), over
 * chains in place of single values so that compare-and-set is covered.
 *
 * A chain is a value that was plainly written, or the initial one, then what was swapped for it, and so on, each with its reads. All of a chain happens in one
 * piece: nothing else can be written in between. So a chain must hold the register from its first end to its last beginning. Where the end comes first (a forward
 * zone), nobody else can have it inside that time; else (a backward zone) the chain fits into any instant in between that is not inside a forward zone.
 * That these conditions suffice: take every operation at the first end, or as soon afterwards as it and all before it in its chain have begun.
 */
export class Zones {
  readonly #history: RegisterHistory
  readonly #starts: Float64Array
  readonly #ends: Float64Array

  constructor(history: RegisterHistory) {
    this.#history = history
    const { operations } = history
    this.#starts = new Float64Array(operations.length)
    this.#ends = new Float64Array(operations.length)
    for (let place = 0; place < operations.length; place += 1) {
      const { invokedAt, completedAt } = operations[place] as Operation
      this.#starts[place] = invokedAt
      this.#ends[place] = completedAt
    }
  }

  /** Whether the history is linearizable when only what `known` marks has returned, and the rest has an unknown outcome. */
  isLegal(known: Uint8Array): boolean {
    const happened = markHappened(this.#history, known)
    const chains = this.#chains(known, happened, this.#next(happened))
    return chains !== undefined && isPlaceable(chains)
  }

  /** The operations of a legal history, by number, in an order in which they can have taken effect. */
  linearization(known: Uint8Array): number[] {
    const { sources, writes } = this.#history
    const count = sources.length
    const happened = markHappened(this.#history, known)
    const next = this.#next(happened)
    const readers = Array.from({ length: count + 1 }, (): number[] => [])
    sources.forEach((source, operation) => {
      if (known[operation] === 1 && writes[operation] === 0) readers[source]?.push(operation)
    })
    const starts = this.#starts
    const order: number[] = []
    for (const { root } of inPlace(this.#chains(known, happened, next) ?? [])) {
      for (let version = root; version >= 0; version = next?.[version] ?? NOTHING) {
        if (version < count) order.push(version)
        // What they read is the same, but real time orders them.
        readers[version]?.sort((left, right) => (starts[left] as number) - (starts[right] as number))
        for (const reader of readers[version] ?? []) order.push(reader)
      }
    }
    return order
  }

  /** For each version the one that was swapped for it, or {@link NOTHING}; `undefined` when something was read that nobody wrote. */
  #next(happened: Uint8Array): Int32Array | undefined {
    const { sources, writes } = this.#history
    const next = new Int32Array(sources.length + 1).fill(NOTHING)
    for (let operation = 0; operation < sources.length; operation += 1) {
      if (happened[operation] === 0) continue
      const source = sources[operation] as number
      if (source === NOBODY) return undefined
      if (source === NOTHING || writes[operation] === 0) continue
      next[source] = operation
    }
    return next
  }

  /** All chains; `undefined` when one of them contradicts itself: something ended before what must have come earlier began. */
  #chains(known: Uint8Array, happened: Uint8Array, next: Int32Array | undefined): Chain[] | undefined {
    if (next === undefined) return undefined
    const { sources, writes } = this.#history
    const count = sources.length
    const readEnds = new Float64Array(count + 1).fill(Number.POSITIVE_INFINITY)
    const readStarts = new Float64Array(count + 1).fill(Number.NEGATIVE_INFINITY)
    const roots = [count]
    let left = 1
    for (let operation = 0; operation < count; operation += 1) {
      if (happened[operation] === 0) continue
      const source = sources[operation] as number
      if (writes[operation] === 1) {
        left += 1
        if (source === NOTHING) roots.push(operation)
        continue
      }
      readEnds[source] = Math.min(readEnds[source] as number, this.#ends[operation] as number)
      readStarts[source] = Math.max(readStarts[source] as number, this.#starts[operation] as number)
    }
    const chains: Chain[] = []
    for (const root of roots) {
      let firstEnd = Number.POSITIVE_INFINITY
      let lastStart = Number.NEGATIVE_INFINITY
      for (let version = root; version >= 0; version = next[version] as number) {
        left -= 1
        const end = this.#endOf(version, known)
        if (end < lastStart) return undefined
        lastStart = Math.max(lastStart, this.#starts[version] ?? Number.NEGATIVE_INFINITY)
        const readEnd = readEnds[version] as number
        if (readEnd < lastStart) return undefined
        lastStart = Math.max(lastStart, readStarts[version] as number)
        firstEnd = Math.min(firstEnd, end, readEnd)
      }
      chains.push({ root, firstEnd, lastStart })
    }
    // What was not met are swaps that are each other's cause, or a second one for a value that was gone.
    return left === 0 ? chains : undefined
  }

  /** When a version had been written at the latest: the initial one before everything. */
  #endOf(version: number, known: Uint8Array): number {
    if (version === known.length) return Number.NEGATIVE_INFINITY
    return known[version] === 1 ? (this.#ends[version] as number) : Number.POSITIVE_INFINITY
  }
}

function isForward({ firstEnd, lastStart }: Chain): boolean {
  return firstEnd < lastStart
}

function forwardZones(chains: readonly Chain[]): Chain[] {
  return chains.filter(isForward).sort((left, right) => left.firstEnd - right.firstEnd)
}

/** Whether no two chains need the register at one time. Zones that only touch do not: both ends of an interval belong to it. */
function isPlaceable(chains: readonly Chain[]): boolean {
  const forward = forwardZones(chains)
  const overlapping = forward.some(
    ({ firstEnd }, place) => place > 0 && firstEnd < (forward[place - 1] as Chain).lastStart,
  )
  if (overlapping) return false
  return chains.every(
    (chain) =>
      isForward(chain) ||
      chain.firstEnd >= (ownerBefore(forward, chain.lastStart)?.lastStart ?? chain.lastStart),
  )
}

/** The last forward zone that began before a time. */
function ownerBefore(forward: readonly Chain[], time: number): Chain | undefined {
  let low = 0
  let high = forward.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((forward[middle] as Chain).firstEnd < time) low = middle + 1
    else high = middle
  }
  return forward[low - 1]
}

/**
 * Chains in the order in which they have the register: forward zones from their beginning on, the others at the first instant that is free. One that would come inside a forward zone must
 * wait for its end, and so it comes behind it and before the next one in any case.
 */
function inPlace(chains: readonly Chain[]): Chain[] {
  const placed = chains.map((chain) =>
    isForward(chain) ? { chain, at: chain.firstEnd, rank: 1 } : { chain, at: chain.lastStart, rank: 0 },
  )
  placed.sort((left, right) => (left.at < right.at ? -1 : left.at > right.at ? 1 : left.rank - right.rank))
  return placed.map(({ chain }) => chain)
}
