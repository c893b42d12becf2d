import { setTimeout as sleep } from 'node:timers/promises'
import type { NodeId } from '@colony/host'
import type { Term } from '@colony/raft'
import { machineClock } from '@colony/testing/node'
import type { BankNode } from './bank-node.ts'
import type { Cluster } from './cluster.ts'
import type { FaultKind, PlannedFault } from './fault-plan.ts'
import { waitUntil } from './wait-until.ts'

/** A fault that is happening or has happened. Times as of {@link machineClock}. */
export interface Fault {
  readonly kind: FaultKind
  /** The node, or both nodes of the link that is cut. */
  readonly victims: readonly NodeId[]
  /** For people: `kill -9 n3 (leader)`. */
  readonly title: string
  readonly startedAt: number
  readonly leaderBefore: NodeId
  readonly termBefore: Term
  /** When it was over: the node is back, or the link is. `undefined` while it is not. */
  endedAt: number | undefined
  leaderAfter: NodeId | undefined
  termAfter: Term | undefined
}

/** Carries out a plan, one fault after the other, each on a cluster that is whole. */
export class FaultInjector {
  /** What has happened so far, the current fault last. */
  readonly faults: Fault[] = []
  readonly #cluster: Cluster
  readonly #signal: AbortSignal

  constructor(cluster: Cluster, signal: AbortSignal) {
    this.#cluster = cluster
    this.#signal = signal
  }

  /** Resolves when the last fault of the plan is over. `startedAt`: what the plan's times count from. */
  async run(plan: readonly PlannedFault[], startedAt: number): Promise<void> {
    for (const fault of plan) {
      await this.#sleep(startedAt + fault.atMs - machineClock.now())
      await this.#cluster.healthy()
      await this.#inflict(fault)
    }
  }

  async #inflict(planned: PlannedFault): Promise<void> {
    const { leader } = this.#cluster
    if (leader === undefined) throw new Error('the cluster has no leader to harm')
    const followers = this.#cluster.nodes.filter((node) => node !== leader)
    const follower = followers[Math.floor(planned.choice * followers.length)] ?? leader
    switch (planned.kind) {
      case 'kill-leader':
        return await this.#kill(planned, leader, 'leader')
      case 'kill-follower':
        return await this.#kill(planned, follower, 'follower')
      case 'pause-leader':
        return await this.#pause(planned, leader)
      case 'cut-link':
        return await this.#cut(planned, leader, [follower])
      case 'isolate-leader':
        return await this.#cut(planned, leader, followers)
    }
  }

  async #kill({ kind, lastsMs }: PlannedFault, node: BankNode, role: string): Promise<void> {
    const fault = this.#begin(kind, [node.id], `kill -9 ${node.id} (${role})`)
    await node.kill()
    await this.#sleep(lastsMs)
    this.#cluster.restart(node)
    await this.#end(fault)
  }

  async #pause({ kind, lastsMs }: PlannedFault, node: BankNode): Promise<void> {
    const fault = this.#begin(kind, [node.id], `SIGSTOP ${node.id} (leader)`)
    node.pause()
    await this.#sleep(lastsMs)
    await this.#overthrown(node)
    node.resume()
    await this.#end(fault)
  }

  async #cut({ kind, lastsMs }: PlannedFault, leader: BankNode, peers: readonly BankNode[]): Promise<void> {
    const { network } = this.#cluster
    const alone = kind === 'isolate-leader'
    const victims = alone ? [leader.id] : [leader, ...peers].map(({ id }) => id)
    const others = alone ? 'all other nodes' : victims.slice(1).join(', ')
    const fault = this.#begin(kind, victims, `network cut ${leader.id} (leader) | ${others}`)
    for (const peer of peers) network.sever(leader.id, peer.id)
    await this.#sleep(lastsMs)
    if (alone) await this.#overthrown(leader)
    network.heal()
    await this.#end(fault)
  }

  /** However slow this machine is, an old leader must come back into a world that has gone on without it. */
  async #overthrown(leader: BankNode): Promise<void> {
    const isOverthrown = (): boolean => {
      const { leader: now } = this.#cluster
      return now !== undefined && now !== leader
    }
    await waitUntil(isOverthrown, {
      what: `another leader than ${leader.id}`,
      signal: this.#signal,
    })
  }

  #begin(kind: FaultKind, victims: readonly NodeId[], title: string): Fault {
    const fault: Fault = {
      kind,
      victims,
      title,
      startedAt: machineClock.now(),
      leaderBefore: this.#cluster.leader?.id ?? '',
      termBefore: this.#cluster.term,
      endedAt: undefined,
      leaderAfter: undefined,
      termAfter: undefined,
    }
    this.faults.push(fault)
    return fault
  }

  async #end(fault: Fault): Promise<void> {
    await this.#cluster.healthy()
    fault.endedAt = machineClock.now()
    fault.leaderAfter = this.#cluster.leader?.id
    fault.termAfter = this.#cluster.term
  }

  async #sleep(ms: number): Promise<void> {
    await sleep(Math.max(0, ms), undefined, { signal: this.#signal })
  }
}
