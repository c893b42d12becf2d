import type { NodeId } from '@colony/host'
import type { CoreEvent } from '../../src/core/core-event.ts'
import { GossipCore } from '../../src/core/gossip-core.ts'
import type { MemberStatus } from '../../src/core/members/member.ts'
import type { CoreOptions } from '../../src/core/options.ts'
import { timingOf } from '../../src/core/profiles.ts'
import type { Timing } from '../../src/core/timing.ts'
import { ScenarioNet } from './net/scenario-net.ts'
import type { ScenarioNode } from './net/scenario-node.ts'

/** A node of a scenario. */
export type Node = ScenarioNode<GossipCore>

/** How to make a {@link Cluster}. */
export interface ClusterOptions {
  readonly seed: number | string
  /** What differs from the profile for a local network. */
  readonly timing?: Partial<Timing>
  /** What else differs from the defaults. */
  readonly core?: Partial<Pick<CoreOptions, 'lifeguard' | 'bandwidth' | 'detector' | 'zone'>>
  readonly onEvent?: (node: Node, event: CoreEvent, at: number) => void
}

/** Epochs of first lives. */
const FIRST_EPOCH = 1000

/** A cluster of real cores on a {@link ScenarioNet}, with the questions that scenarios ask. */
export class Cluster {
  readonly net: ScenarioNet<GossipCore>
  readonly timing: Timing

  constructor({ seed, timing, core, onEvent }: ClusterOptions) {
    const resolved = timingOf('lan', timing)
    this.timing = resolved
    this.net = new ScenarioNet<GossipCore>({
      seed,
      start: ({ id, life, now, random }) => {
        const epoch = FIRST_EPOCH + life
        return new GossipCore(
          { id, address: id, cluster: 'scenario', epoch, random, timing: resolved, ...core },
          now,
        )
      },
      ...(onEvent !== undefined && { onEvent }),
    })
  }

  get nodes(): readonly Node[] {
    return this.net.nodes
  }

  /** Starts so many nodes, all with the first one as their only seed. */
  start(count: number): void {
    for (let index = 0; index < count; index++) this.join(`n${this.nodes.length}`, 'n0')
  }

  /** Starts a node that knows where one other is. */
  join(id: NodeId, seed: NodeId): Node {
    const node = this.net.add(id)
    this.seed(node, seed)
    return node
  }

  /** The next life of a node. */
  restart(node: Node, seed: NodeId): void {
    this.net.restart(node)
    this.seed(node, seed)
  }

  /** Tells a node where one other is. */
  seed(node: Node, seed: NodeId): void {
    if (node.id !== seed) this.net.input(node, { type: 'seeds', seeds: [{ address: seed }] })
  }

  /** Whether every living node sees exactly the living ones as members. */
  isWhole(): boolean {
    const { living } = this.net
    // Numbers first: that is a thousand times cheaper, and nearly always says no.
    if (!living.every(({ core }) => core.members.size === living.length)) return false
    return living.every(({ core }) => living.every(({ id }) => core.member(id)?.status === 'alive'))
  }

  /** Lets time pass until {@link Cluster.isWhole}; how long that took. */
  untilWhole(withinMs: number): number {
    return this.net.runUntil('all see all', () => this.isWhole(), withinMs)
  }

  /** How many of the living nodes hold `id` for one of these. */
  countSeen(id: NodeId, ...statuses: readonly MemberStatus[]): number {
    return this.net.living.filter(({ core }) => {
      const status = core.member(id)?.status
      return status !== undefined && statuses.includes(status)
    }).length
  }
}
