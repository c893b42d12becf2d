import type { NodeId } from '@colony/host'
import type { Seed } from '../input.ts'

/** Most seeds that are kept; more are not looked at. */
export const MAX_SEEDS = 256

/** A seed, and how the attempts to reach it went. */
export interface SeedSlot {
  readonly seed: Seed
  /** Comes back with the welcome. */
  readonly token: number
  /** Who is there: given, or whoever answered last. */
  id: NodeId | undefined
  /** Attempts in vain since it was last there. */
  attempts: number
  /** When it is contacted next, should it not be there. */
  nextAt: number
}

/** The seeds that were named last. */
export class SeedList {
  #slots: SeedSlot[] = []
  #lastToken = 0

  get slots(): readonly SeedSlot[] {
    return this.#slots
  }

  /** Takes the place of what was named before; what is known of seeds that are named again is kept. */
  replace(seeds: readonly Seed[], now: number): void {
    const before = this.#slots
    this.#slots = seeds.slice(0, MAX_SEEDS).map((seed) => {
      const known = before.find(({ seed: old }) => old.address === seed.address && old.id === seed.id)
      return known ?? { seed, token: ++this.#lastToken, id: seed.id, attempts: 0, nextAt: now }
    })
  }

  /** Somebody answered to the contact with this token. */
  answered(token: number, id: NodeId): void {
    const slot = this.#slots.find((candidate) => candidate.token === token)
    if (slot) slot.id = id
  }
}
