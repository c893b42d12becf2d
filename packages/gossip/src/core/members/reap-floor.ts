import type { NodeId } from '@colony/host'
import { compareIncarnations, type Incarnation } from './incarnation.ts'

interface Floor {
  readonly incarnation: Incarnation
  readonly until: number
}

/**
 * The incarnations up to which forgotten members are over: what is not newer is never learned again, so that no member that was reaped here comes back from somebody who
 * was away meanwhile. Bounded in number and in time; the oldest goes first.
 */
export class ReapFloor {
  readonly #most: number
  readonly #keepMs: number
  /** In the order of their ends, which is that of their making. */
  readonly #floors = new Map<NodeId, Floor>()

  constructor(most: number, keepMs: number) {
    this.#most = most
    this.#keepMs = keepMs
  }

  /** How many are remembered. */
  get size(): number {
    return this.#floors.size
  }

  /** Nothing of `id` up to `incarnation` is to be learned. */
  raise(id: NodeId, incarnation: Incarnation, now: number): void {
    const known = this.#floors.get(id)
    const highest =
      known && compareIncarnations(known.incarnation, incarnation) > 0 ? known.incarnation : incarnation
    this.#floors.delete(id)
    this.#floors.set(id, { incarnation: highest, until: now + this.#keepMs })
    this.#forget(now)
  }

  /** The highest incarnation of `id` that is over. */
  get(id: NodeId, now: number): Incarnation | undefined {
    const floor = this.#floors.get(id)
    return floor && floor.until > now ? floor.incarnation : undefined
  }

  /** The member is known again, above its floor. */
  delete(id: NodeId): void {
    this.#floors.delete(id)
  }

  #forget(now: number): void {
    for (const [id, floor] of this.#floors) {
      if (floor.until > now && this.#floors.size <= this.#most) return
      this.#floors.delete(id)
    }
  }
}
