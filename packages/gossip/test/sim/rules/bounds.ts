import type { NodeId } from '@colony/host'
import type { GossipCore } from '../../../src/core/gossip-core.ts'
import type { CoreSend } from '../../../src/core/input.ts'
import type { Facts, Watcher } from './facts.ts'

/** What a core may hold back for others, in bytes: all queues together. */
const MOST_BACKLOG_BYTES = 1024 * 1024

/** A datagram is never longer than the limit, a stream's message neither, and what waits to be told is bounded. */
export class BoundRules implements Watcher {
  readonly #facts: Facts
  readonly #limits: { readonly packetBytes: number; readonly streamBytes: number }

  constructor(facts: Facts, limits: { readonly packetBytes: number; readonly streamBytes: number }) {
    this.#facts = facts
    this.#limits = limits
  }

  onSend(node: NodeId, { bytes, path }: CoreSend): void {
    const most = path === 'datagram' ? this.#limits.packetBytes : this.#limits.streamBytes
    if (bytes.length > most)
      this.#facts.broken(
        'packets fit',
        `${node} sends ${bytes.length} bytes by ${path}, the limit is ${most}`,
      )
  }

  onStep(node: NodeId, core: GossipCore): void {
    const { backlogBytes } = core
    if (!(backlogBytes <= MOST_BACKLOG_BYTES))
      this.#facts.broken('queues are bounded', `${node} has ${backlogBytes} bytes to tell`)
  }
}
