import { requireRange } from '../errors.ts'
import type { FaultKind } from '../faults/fault-step.ts'
import type { TraceKind } from '../trace/trace.ts'

/**
 * How the states that a run reaches are told apart and counted.
 * @category World
 */
export interface StateOptions {
  /**
   * What the state of everything under test comes to, as a short text or a number: roles, terms and log lengths, say, without times and without what only ever grows. Equal for
   * states that need not be told apart.
   */
  readonly fingerprint: () => string | number
  /** How many events pass from one look to the next, 1 to 10^9. Default 20. */
  readonly every?: number
  /** How many different states are kept, 1 to 10^7. Default 100,000. */
  readonly most?: number
}

/**
 * What a run went through, counted.
 * @category World
 */
export interface WorldStats {
  /** Events that ran. */
  readonly events: number
  /** Lines that went into the trace, by kind: more than events, since a send is a line as well. */
  readonly lines: Readonly<Record<TraceKind, number>>
  /** Fault steps that were carried out, by kind. */
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>
  /** How often the state was looked at; 0 without {@link WorldOptions.states}. */
  readonly looks: number
  /** The different states that were seen, so that those of several runs can be put together. No more are kept than {@link StateOptions.most}. */
  readonly states: ReadonlySet<string | number>
}

/** Looks at the state now and then, and keeps what is new. */
export class StateSampler {
  readonly #fingerprint: () => string | number
  readonly #every: number
  readonly #most: number
  readonly #states = new Set<string | number>()
  #looks = 0
  #left = 1

  constructor({ fingerprint, every = 20, most = 100_000 }: StateOptions) {
    this.#fingerprint = fingerprint
    this.#every = requireRange('states.every', every, 1, 1e9)
    this.#most = requireRange('states.most', most, 1, 1e7)
  }

  /** How often it looked. */
  get looks(): number {
    return this.#looks
  }

  /** The different states so far. */
  get states(): ReadonlySet<string | number> {
    return this.#states
  }

  /** One event passed. */
  readonly tick = (): void => {
    this.#left -= 1
    if (this.#left > 0) return
    this.#left = this.#every
    this.#looks += 1
    if (this.#states.size < this.#most) this.#states.add(this.#fingerprint())
  }
}
