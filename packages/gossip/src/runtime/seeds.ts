/// <reference lib="esnext.disposable" preserve="true" />
import { requireName, showValue, type Address, type Clock, type Fail } from '@colony/host'
import type { Seed } from '../core/input.ts'
import { GossipError } from '../errors.ts'

/** More are a mistake: a handful has to answer. */
const MAX_SEEDS = 1024
/** How soon a search that failed is repeated, at first. */
const FIRST_RETRY_MS = 500
/** How long a search may take before the next one begins without waiting for it. */
const PATIENCE_MS = 30_000

const invalidSeed: Fail = (message) => new GossipError('GOSSIP_INVALID_OPTION', message)

type FindSeeds = () => Promise<readonly (Address | Seed)[]>

/** Checks the seeds that an option names. */
export function requireSeeds(seeds: readonly (Address | Seed)[] | FindSeeds): readonly Seed[] | FindSeeds {
  if (typeof seeds === 'function') return seeds
  return checkedSeeds(seeds)
}

/** Seeds with their addresses, each once. */
export function checkedSeeds(seeds: readonly (Address | Seed)[]): readonly Seed[] {
  if (!Array.isArray(seeds)) {
    throw invalidSeed(`seeds must be an array of addresses, or a function, not ${showValue(seeds)}`)
  }
  if (seeds.length > MAX_SEEDS) throw invalidSeed(`seeds must be at most ${MAX_SEEDS}, not ${seeds.length}`)
  const checked = new Map<string, Seed>()
  for (const given of seeds as readonly (Address | Seed)[]) {
    const seed = typeof given === 'string' ? { address: given } : given
    if (typeof seed !== 'object' || seed === null)
      throw invalidSeed(`a seed is an address, not ${showValue(seed)}`)
    const address = requireName(invalidSeed, 'the address of a seed', seed.address)
    const id = seed.id === undefined ? undefined : requireName(invalidSeed, 'the id of a seed', seed.id)
    checked.set(`${address} ${id ?? ''}`, { address, ...(id !== undefined && { id }) })
  }
  return [...checked.values()]
}

/** What a search for seeds is given. */
export interface SeedSearchOptions {
  readonly clock: Clock
  /** How often it is repeated. */
  readonly intervalMs: number
  /** Told what was found. */
  readonly found: (seeds: readonly Seed[]) => void
  /** Told why nothing was. */
  readonly failed: (error: unknown) => void
}

/** Asks a function for seeds again and again: what it said once may have moved since. */
export class SeedSearch {
  readonly #find: FindSeeds
  readonly #options: SeedSearchOptions
  #timer: Disposable | undefined
  #attempt = 0
  #failures = 0
  #stopped = false

  constructor(find: FindSeeds, options: SeedSearchOptions) {
    this.#find = find
    this.#options = options
  }

  /** Asks now, and from then on. */
  start(): void {
    const attempt = ++this.#attempt
    // A function that never answers must not end the search.
    this.#again(Math.max(PATIENCE_MS, this.#options.intervalMs))
    this.#ask().then(
      (seeds) => this.#settle(attempt, () => this.#onFound(seeds)),
      (error: unknown) => this.#settle(attempt, () => this.#onFailed(error)),
    )
  }

  /** Asks no more, and ignores what is still to come. */
  stop(): void {
    this.#stopped = true
    this.#timer?.[Symbol.dispose]()
  }

  /** Turns what is thrown at once, and seeds that are none, into rejections. */
  async #ask(): Promise<readonly Seed[]> {
    return checkedSeeds(await this.#find())
  }

  #settle(attempt: number, settle: () => void): void {
    if (!this.#stopped && attempt === this.#attempt) settle()
  }

  #onFound(seeds: readonly Seed[]): void {
    this.#failures = 0
    this.#again(this.#options.intervalMs)
    this.#options.found(seeds)
  }

  #onFailed(error: unknown): void {
    const wait = Math.min(FIRST_RETRY_MS * 2 ** this.#failures, this.#options.intervalMs)
    this.#failures += 1
    this.#again(wait)
    this.#options.failed(error)
  }

  #again(delayMs: number): void {
    this.#timer?.[Symbol.dispose]()
    this.#timer = this.#options.clock.after(delayMs, () => this.start())
  }
}
