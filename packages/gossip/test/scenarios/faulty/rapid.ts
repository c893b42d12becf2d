import type { NodeId } from '@colony/host'
import { Cluster, type Node } from '../cluster.ts'

/** What befell some members of a large cluster, and what the others made of it (Suresh et al., 2018, section 7). */
export interface FaultyRun {
  /** Times that a healthy member was declared failed, by anybody healthy. */
  readonly healthyRemoved: number
  /** The least number of healthy members that any healthy member ever counted. */
  readonly fewestHealthy: number
  /** Until every healthy member had declared every faulty one failed; `undefined` where that never was. */
  readonly allRemovedMs: number | undefined
  /** How often a healthy member saw a faulty one come back, for each faulty one and healthy member in the mean. */
  readonly returns: number
  /** Different numbers of members that healthy members counted, at any second. */
  readonly sizes: number
}

/** A settled cluster on which faults can be tried one after the other, since a thousand nodes that join take most of the time. */
export class FaultyCluster {
  readonly cluster: Cluster
  readonly #faulty = new Set<NodeId>()
  #healthyRemoved = 0
  #returns = 0

  constructor(members: number, seed: number) {
    this.cluster = new Cluster({
      seed,
      onEvent: (node, { type, ...event }) => {
        if (!('member' in event) || this.#faulty.has(node.id)) return
        const isFaulty = this.#faulty.has(event.member.id)
        if (type === 'fail' && !isFaulty) this.#healthyRemoved += 1
        if (type === 'join' && isFaulty) this.#returns += 1
      },
    })
    this.cluster.start(members)
    this.cluster.untilWhole(120_000)
    this.cluster.net.run(10_000)
  }

  /** So many processes die at one instant. */
  crash(count: number, watchMs: number): FaultyRun {
    const { net } = this.cluster
    return this.#watch(count, watchMs, (faulty) => faulty.forEach((node) => net.crash(node)))
  }

  /** Nothing reaches these members for 20 seconds, and then everything does, and so on: what they send always arrives. */
  flipFlop(count: number, watchMs: number): FaultyRun {
    const { net } = this.cluster
    return this.#watch(count, watchMs, () => {
      const start = net.now
      net.cut = (_from, to) => this.#faulty.has(to) && Math.floor((net.now - start) / FLIP_FLOP_MS) % 2 === 0
    })
  }

  /** Most of what these members send and are sent is lost. */
  lose(count: number, loss: number, watchMs: number): FaultyRun {
    return this.#watch(count, watchMs, () => {
      this.cluster.net.loss = (from, to) => (this.#faulty.has(from) || this.#faulty.has(to) ? loss : 0)
    })
  }

  /** Everything is mended, and all see all again. */
  mend(): void {
    const { net } = this.cluster
    net.cut = () => false
    net.loss = () => 0
    for (const node of net.nodes) if (!node.up) this.cluster.restart(node, 'n0')
    this.cluster.untilWhole(120_000)
    this.#faulty.clear()
    net.run(60_000)
  }

  #watch(count: number, watchMs: number, begin: (faulty: readonly Node[]) => void): FaultyRun {
    const { net } = this.cluster
    const faulty = net.nodes.slice(-count)
    this.#faulty.clear()
    for (const { id } of faulty) this.#faulty.add(id)
    this.#healthyRemoved = 0
    this.#returns = 0
    const healthy = net.nodes.filter(({ id }) => !this.#faulty.has(id))
    const sizes = new Set<number>()
    let fewestHealthy = healthy.length
    let allRemovedMs: number | undefined
    begin(faulty)
    for (let ms = 0; ms < watchMs; ms += 1000) {
      net.run(1000)
      for (const { core } of healthy) {
        sizes.add(core.members.size)
        if (core.members.size < net.nodes.length)
          fewestHealthy = Math.min(fewestHealthy, this.#countHealthy(core.members.present()) + 1)
      }
      if (healthy.every(({ core }) => faulty.every(({ id }) => core.member(id)?.status === 'failed')))
        allRemovedMs ??= ms + 1000
    }
    return {
      healthyRemoved: this.#healthyRemoved,
      fewestHealthy,
      allRemovedMs,
      returns: this.#returns / healthy.length / count,
      sizes: sizes.size,
    }
  }

  #countHealthy(present: Iterable<NodeId>): number {
    let count = 0
    for (const id of present) if (!this.#faulty.has(id)) count += 1
    return count
  }
}

const FLIP_FLOP_MS = 20_000
