import type { NodeId } from '@colony/host'
import type { CoreContext } from './component.ts'

/** Each sender is told of at most so often. */
const TOLD_EVERY_MS = 60_000
/** Senders that are told apart; of more, the one told of longest ago makes room. */
const KEPT = 256

/** Tells that packets of another cluster come, without letting their number become that of events. */
export class WrongClusters {
  readonly #context: Pick<CoreContext, 'now' | 'emit'>
  readonly #told = new Map<NodeId, number>()

  constructor(context: Pick<CoreContext, 'now' | 'emit'>) {
    this.#context = context
  }

  /** A packet of another cluster came from `from`. */
  heard(from: NodeId): void {
    const { now } = this.#context
    const told = this.#told.get(from)
    if (told !== undefined && now - told < TOLD_EVERY_MS) return
    this.#told.delete(from)
    this.#told.set(from, now)
    this.#context.emit({ type: 'wrong-cluster', from })
    if (this.#told.size <= KEPT) return
    for (const oldest of this.#told.keys()) {
      this.#told.delete(oldest)
      return
    }
  }
}
