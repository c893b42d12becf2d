import type { NodeId } from '@colony/host'
import type { GossipCore } from '../../../src/core/gossip-core.ts'
import type { Change, Facts, Step, Watcher } from './facts.ts'

/** Clocks of nodes tell parts of milliseconds. */
const ROUNDING_MS = 1

/** Who failed or left is remembered for as long as was agreed, counted from when it was seen to, on the clock of whoever remembers: so long it is looked for, and so long it is known what became of it. */
export class ForgettingRules implements Watcher {
  readonly #facts: Facts
  readonly #reapAfterMs: number
  /** By observer and member: since when it is gone. */
  readonly #goneSince = new Map<string, number>()
  /** Whom the observer forgot in its present step. */
  readonly #forgotten: { readonly id: NodeId; readonly since: number }[] = []

  constructor(facts: Facts, reapAfterMs: number) {
    this.#facts = facts
    this.#reapAfterMs = reapAfterMs
  }

  onChange({ observer, id, before, after, why }: Change): void {
    const pair = `${observer} ${id}`
    if (after === undefined) {
      this.#forgotten.push({ id, since: this.#goneSince.get(pair) ?? Infinity })
      this.#goneSince.delete(pair)
    } else if (after.status !== 'failed' && after.status !== 'left') this.#goneSince.delete(pair)
    else if (before?.status !== after.status && why !== undefined) this.#goneSince.set(pair, why.at)
  }

  onInput(node: NodeId, _core: GossipCore, { now }: Step): void {
    for (const { id, since } of this.#forgotten.splice(0))
      if (now - since < this.#reapAfterMs - ROUNDING_MS)
        this.#facts.broken(
          'the gone are remembered for their time',
          `${node} forgets ${id} after ${now - since} ms, not ${this.#reapAfterMs}`,
        )
  }
}
