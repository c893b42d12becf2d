import type { LamportClock } from './lamport.ts'
import type { Query } from './serf-messages.ts'

/** How many times are remembered, as in every peer, and how many queries that share one. */
const TIMES = 512
const MAX_SHARED = 64

/** Which queries were seen: each is answered and told on once. */
export class QueryLog {
  readonly #clock: LamportClock
  readonly #slots = new Map<number, { readonly time: number; readonly ids: Set<number> }>()

  constructor(clock: LamportClock) {
    this.#clock = clock
  }

  /** Takes in a query. Whether it is new. */
  take({ time, id }: Query): boolean {
    this.#clock.witness(time)
    if (time + TIMES < this.#clock.time) return false
    const at = time % TIMES
    const known = this.#slots.get(at)
    const slot = known?.time === time ? known : { time, ids: new Set<number>() }
    if (slot.ids.has(id) || slot.ids.size >= MAX_SHARED) return false
    slot.ids.add(id)
    this.#slots.set(at, slot)
    return true
  }
}
