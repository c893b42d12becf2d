import type { NodeId } from '@colony/host'
import type { FaultStep } from '@colony/testing'
import type { StoredState } from '../../src/index.ts'
import { emptyLog, type DurableLog } from './observed-storage.ts'

/** Which data each node has, and what became of the data of disks that were wiped. */
export class WipedDisks {
  readonly #durable: ReadonlyMap<NodeId, DurableLog>
  readonly #wipes: readonly { readonly at: number; readonly node: NodeId }[]
  readonly #now: () => number
  readonly #incarnations = new Map<NodeId, number>()
  readonly #lost = new Map<number, DurableLog>()
  /** How many of the wipes of each node have been found. */
  readonly #found = new Map<NodeId, number>()

  constructor(durable: ReadonlyMap<NodeId, DurableLog>, faults: readonly FaultStep[], now: () => number) {
    this.#durable = durable
    this.#wipes = faults.flatMap((step) => (step.do === 'wipe' ? [{ at: step.at, node: step.node }] : []))
    this.#now = now
  }

  /** Whether any disk is wiped in this run. */
  get wipes(): boolean {
    return this.#wipes.length > 0
  }

  /** Which data a node has; 0 before its first start. */
  incarnationOf(node: NodeId): number {
    return this.#incarnations.get(node) ?? 0
  }

  /** The disk with data of this incarnation, today's or one that was wiped. */
  diskOf(node: NodeId, incarnation: number): DurableLog | undefined {
    return incarnation === this.incarnationOf(node) ? this.#durable.get(node) : this.#lost.get(incarnation)
  }

  /** Whether a node's disk was wiped and it has not started since. */
  isDue(node: NodeId): boolean {
    const done = this.#wipes.filter((wipe) => wipe.node === node && wipe.at <= this.#now()).length
    return done > (this.#found.get(node) ?? 0)
  }

  /** Whether a node has started from a wiped disk. */
  wasWiped(node: NodeId): boolean {
    return (this.#found.get(node) ?? 0) > 0
  }

  /** A node read its disk. Says whether that is another one than before: which it may be only after a wipe. */
  onRecovery(node: NodeId, { incarnation = 0 }: StoredState): 'same' | 'wiped' | 'forgotten' {
    const before = this.incarnationOf(node)
    const wasDue = this.isDue(node)
    this.#found.set(node, this.#wipes.filter((wipe) => wipe.node === node && wipe.at <= this.#now()).length)
    if (before === incarnation) return 'same'
    this.#incarnations.set(node, incarnation)
    const durable = this.#durable.get(node)
    if (before === 0 || durable === undefined) return 'same'
    this.#lost.set(before, { ...durable, entries: [...durable.entries] })
    if (wasDue) Object.assign(durable, emptyLog())
    return wasDue ? 'wiped' : 'forgotten'
  }
}
