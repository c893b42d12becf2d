import type { Address, NodeId } from '@colony/host'
import type { CoreContext } from '../component.ts'

/** A conflict is told at most so often for each id. */
const TOLD_EVERY_MS = 60_000

/** Of how many ids moves and conflicts are remembered. */
const KEPT = 256

interface LastMove {
  readonly from: Address
  readonly at: number
}

/**
 * Finds ids that two processes claim at the same time. A process that moves is somewhere else afterwards; two that fight over an id seem to move to and fro.
 */
export class Conflicts {
  readonly #context: Pick<CoreContext, 'now' | 'emit'>
  readonly #moves = new Map<NodeId, LastMove>()
  readonly #told = new Map<NodeId, number>()

  constructor(context: Pick<CoreContext, 'now' | 'emit'>) {
    this.#context = context
  }

  /** A member says that it is now at `to`. */
  moved(id: NodeId, from: Address, to: Address): void {
    const last = this.#moves.get(id)
    const { now } = this.#context
    if (last !== undefined && last.from === to && now - last.at < TOLD_EVERY_MS) this.found(id, from, to)
    remember(this.#moves, id, { from, at: now })
  }

  /** Two processes claim `id`. */
  found(id: NodeId, one: Address, other: Address): void {
    const told = this.#told.get(id)
    const { now } = this.#context
    if (told !== undefined && now - told < TOLD_EVERY_MS) return
    remember(this.#told, id, now)
    this.#context.emit({ type: 'conflict', id, addresses: [one, other] })
  }
}

/** The one that was set longest ago makes room. */
function remember<Value>(map: Map<NodeId, Value>, id: NodeId, value: Value): void {
  map.delete(id)
  map.set(id, value)
  if (map.size <= KEPT) return
  for (const oldest of map.keys()) {
    map.delete(oldest)
    return
  }
}
