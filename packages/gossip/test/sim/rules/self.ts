import type { NodeId } from '@colony/host'
import type { GossipCore } from '../../../src/core/gossip-core.ts'
import { told } from './incarnations.ts'
import type { Change, Facts, Watcher } from './facts.ts'

/** A node is never its own peer, and never takes what others say of it for true: it is alive for itself until it leaves, and then for good: whatever is said of it, it
 * answers nothing. */
export class SelfRules implements Watcher {
  readonly #facts: Facts
  readonly #left = new Set<NodeId>()

  constructor(facts: Facts) {
    this.#facts = facts
  }

  onBoot(node: NodeId): void {
    this.#left.delete(node)
  }

  onChange({ observer, id, before, after }: Change): void {
    if (observer !== id || before?.status !== 'left') return
    const now = after === undefined ? 'nothing' : told(after)
    this.#facts.broken('who left says no more', `${id} was ${told(before)}, and says ${now} after that`)
  }

  onStep(node: NodeId, core: GossipCore): void {
    const status = core.members.get(node)?.status
    if (status === 'left') this.#left.add(node)
    else if (status !== 'alive' || this.#left.has(node)) {
      const was = this.#left.has(node) ? ' after it had left' : ''
      this.#facts.broken('a node knows itself', `${node} takes itself for ${status ?? 'nobody'}${was}`)
    }
    for (const peer of core.members.present())
      if (peer === node) this.#facts.broken('nobody is its own peer', `${node} counts itself among its peers`)
  }
}
