import type { NodeId } from '@colony/host'
import type { CoreContext } from '../component.ts'
import type { StateStore } from '../state/state-store.ts'
import type { Want } from './digest-codec.ts'

/** Most gaps that are remembered at a time. */
const MAX_GAPS = 256
/** What comes before a change is usually on its way by another road: gaps are looked at this many gossip intervals later. */
const PATIENCE_INTERVALS = 2

interface Gap {
  readonly peer: NodeId
  /** How far this node's copy went. */
  readonly life: number
  readonly version: number
}

/**
 * Changes that came without what precedes them: proof that something was lost on its way here, and that the sender has it. Asking that one for the rest repairs in a round trip what comparing
 * everything would find much later.
 */
export class Gaps {
  readonly #context: CoreContext
  readonly #store: StateStore
  readonly #ask: (peer: NodeId, wants: readonly Want[]) => void
  readonly #gaps = new Map<NodeId, Gap>()
  #deadline = Number.POSITIVE_INFINITY

  constructor(context: CoreContext, store: StateStore, ask: (peer: NodeId, wants: readonly Want[]) => void) {
    this.#context = context
    this.#store = store
    this.#ask = ask
  }

  get deadline(): number {
    return this.#deadline
  }

  /** Something of `owner` is missing here that `peer` has. */
  add(owner: NodeId, peer: NodeId): void {
    if (this.#gaps.has(owner) || this.#gaps.size >= MAX_GAPS) return
    const { life, version } = this.#store.mark(owner)
    this.#gaps.set(owner, { peer, life, version })
    const { now, timing } = this.#context
    this.#deadline = Math.min(this.#deadline, now + PATIENCE_INTERVALS * timing.gossipIntervalMs)
  }

  /** Asks for what has not come by itself. */
  tick(): void {
    this.#deadline = Number.POSITIVE_INFINITY
    const byPeer = new Map<NodeId, Want[]>()
    for (const [id, { peer, life, version }] of this.#gaps) {
      const mark = this.#store.mark(id)
      if (mark.life !== life || mark.version !== version) continue
      const wants = byPeer.get(peer) ?? []
      wants.push({
        kind: 'member',
        id,
        record: false,
        state: { life, version, floor: mark.floor },
      })
      byPeer.set(peer, wants)
    }
    this.#gaps.clear()
    for (const [peer, wants] of byPeer) this.#ask(peer, wants)
  }
}
