import type { MemberlistContext, Timed } from './context.ts'
import type { Exchanging } from './exchanging.ts'
import { isPresent } from './member-table.ts'

/** A member that failed, and where it was. */
interface Lost {
  readonly endpoint: string
  readonly since: number
}

/** Most members that are remembered after the protocol forgot them. */
const MAX_LOST = 16_384
/** Seeds are tried again after this long at first, then twice as long each time, up to the timing's interval. */
const FIRST_RETRY_MS = 500

/**
 * Looks for whoever is not there: seeds while nobody else is known, for ever, and members that failed. Without it two parts of a cluster that were
 * cut off from each other for longer than a member is gossiped to never meet again: memberlist alone has no such thing, Serf does.
 */
export class Reaching implements Timed {
  readonly #context: MemberlistContext
  readonly #exchanging: Exchanging
  readonly #joined: (seed: string) => void
  readonly #lost = new Map<string, Lost>()
  #seeds: readonly string[] = []
  #retryMs = FIRST_RETRY_MS
  #nextSeeds = Infinity
  #nextLost = Infinity
  #stopped = false

  /** @param joined Is told of every seed that answered. */
  constructor(context: MemberlistContext, exchanging: Exchanging, joined: (seed: string) => void) {
    this.#context = context
    this.#exchanging = exchanging
    this.#joined = joined
  }

  get deadline(): number {
    return Math.min(this.#nextSeeds, this.#nextLost)
  }

  tick(): void {
    const { now } = this.#context
    if (this.#nextSeeds <= now) this.#trySeeds()
    if (this.#nextLost <= now) this.#tryLost()
  }

  /** Where others may be found; tried at once. */
  join(seeds: readonly string[]): void {
    this.#seeds = seeds
    this.#retryMs = FIRST_RETRY_MS
    this.#nextSeeds = seeds.length > 0 ? this.#context.now : Infinity
  }

  /** Looks for nobody any more. */
  stop(): void {
    this.#stopped = true
    this.#seeds = []
    this.#lost.clear()
    this.#nextSeeds = Infinity
    this.#nextLost = Infinity
  }

  /** A member failed: it is tried again. */
  lost(name: string, endpoint: string): void {
    if (this.#stopped || this.#lost.size >= MAX_LOST) return
    this.#lost.set(name, { endpoint, since: this.#context.now })
    if (this.#nextLost === Infinity) this.#scheduleLost()
  }

  /** A member is there again, or was said to have left. */
  found(name: string): void {
    this.#lost.delete(name)
    if (this.#lost.size === 0) this.#nextLost = Infinity
  }

  /** The last one that was known is gone: seeds may know others. */
  alone(): void {
    if (this.#seeds.length > 0 && this.#nextSeeds === Infinity) this.join(this.#seeds)
  }

  #trySeeds(): void {
    const { now, random, timing } = this.#context
    for (const seed of this.#seeds) {
      this.#exchanging.start(seed, true, (succeeded) => {
        if (!succeeded) return
        // One that answered with nobody but ourselves is no company: this node is its own seed then.
        if (this.#context.members.size > 1) this.#nextSeeds = Infinity
        this.#joined(seed)
      })
    }
    this.#nextSeeds = now + this.#retryMs * (0.75 + random.float() / 2)
    this.#retryMs = Math.min(2 * this.#retryMs, timing.reconnectIntervalMs)
  }

  /** One of them, with such a probability that each is tried by somebody about once an interval. */
  #tryLost(): void {
    const { now, timing, members, random } = this.#context
    for (const [name, { since }] of this.#lost) if (now - since > timing.reapAfterMs) this.found(name)
    const present = members.size
    const chance = this.#lost.size / Math.max(1, present - 1)
    const drawn = [...this.#lost][random.integer(0, Math.max(0, this.#lost.size - 1))]
    if (drawn !== undefined && random.float() < chance) this.#exchanging.start(drawn[1].endpoint, false)
    if (this.#lost.size > 0) this.#scheduleLost()
  }

  #scheduleLost(): void {
    const { now, random, timing } = this.#context
    this.#nextLost = now + timing.reconnectIntervalMs * (0.75 + random.float() / 2)
  }
}

/** Whether anybody else is there. */
export function hasCompany({ members, self }: MemberlistContext): boolean {
  for (const record of members.all()) if (record.name !== self && isPresent(record)) return true
  return false
}
