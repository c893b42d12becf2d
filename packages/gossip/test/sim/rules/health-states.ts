import type { NodeId } from '@colony/host'
import type { CoreEvent } from '../../../src/core/core-event.ts'
import type { GossipCore } from '../../../src/core/gossip-core.ts'
import type { Facts, Watcher } from './facts.ts'

/** Notes which paths of the failure detector a run has gone through. */
export class HealthStates implements Watcher {
  readonly #facts: Facts

  constructor(facts: Facts) {
    this.#facts = facts
  }

  onEvent(_node: NodeId, event: CoreEvent): void {
    if (event.type === 'healed') this.#facts.sometimes('two parts found each other again')
    if (event.type === 'answer' && event.from !== undefined) this.#facts.sometimes('a question was answered')
    if (event.type === 'health')
      this.#facts.sometimes(event.score > 0 ? 'a node was not well itself' : 'a node was well again')
  }

  onStep(_node: NodeId, { counters }: GossipCore): void {
    if (counters.indirectAcks > 0) this.#facts.sometimes('a helper saved a probe')
    if (counters.nacks > 0) this.#facts.sometimes('a helper said that it got no answer')
    if (counters.streamAcks > 0) this.#facts.sometimes('a connection saved a probe')
  }
}
