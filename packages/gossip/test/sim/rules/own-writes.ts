import type { NodeId } from '@colony/host'
import type { GossipCore } from '../../../src/core/gossip-core.ts'
import type { Facts, Step, Watcher } from './facts.ts'

interface Write {
  readonly text: string
  /** On the node's own clock; infinite where it has no end. */
  readonly endsAt: number
}

/** A node reads what it wrote itself: the last value of each key, and nothing of a key that it deleted, or whose time was over when it looked at the clock last. */
export class OwnWriteRules implements Watcher {
  readonly #facts: Facts
  /** What each node has written in its present life. */
  readonly #written = new Map<NodeId, Map<string, Write>>()

  constructor(facts: Facts) {
    this.#facts = facts
  }

  onBoot(node: NodeId): void {
    this.#written.set(node, new Map())
  }

  onInput(node: NodeId, core: GossipCore, { now, input, outputs }: Step): void {
    const written = this.#written.get(node)
    if (written === undefined) return
    if (input.type === 'set' && outputs.refused === undefined) {
      const { key, value, ttlMs = Infinity } = input
      if (value === undefined) written.delete(key)
      else written.set(key, { text: new TextDecoder().decode(value), endsAt: now + ttlMs })
    }
    // Who has left does nothing by itself any more; what was over at the tick by which it left is.
    if (core.stage === 'left') return
    if (input.type === 'tick') for (const [key, { endsAt }] of written) if (endsAt <= now) written.delete(key)
    this.#compare(node, core, written)
  }

  #compare(node: NodeId, core: GossipCore, written: ReadonlyMap<string, Write>): void {
    let held = 0
    for (const [key, value] of core.state(node)) {
      held++
      const text = new TextDecoder().decode(value)
      const last = written.get(key)?.text
      if (text !== last) this.#broken(node, key, text, last)
    }
    if (held < written.size)
      for (const [key, { text }] of written)
        if (core.value(node, key) === undefined) this.#broken(node, key, undefined, text)
  }

  #broken(node: NodeId, key: string, read: string | undefined, last: string | undefined): void {
    this.#facts.broken(
      'own writes are read back',
      `${node} reads ${key} = ${read ?? 'nothing'}, and wrote ${last ?? 'nothing'} last`,
    )
  }
}
