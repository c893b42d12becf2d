import { join } from 'node:path'
import type { Address, NodeId } from '@colony/host'
import type { Term } from '@colony/raft'
import { createProxyNetwork, machineClock, type ProcessGroup, type ProxyNetwork } from '@colony/testing/node'
import type { BankOptions } from './bank-machine.ts'
import { BankNode } from './bank-node.ts'
import { waitUntil } from './wait-until.ts'

/** What nodes say is always a little old, so calm has to last, and each of them to say several times that it is. */
const CALM_MS = 500
const CALM_STATUSES = 3

/** What a cluster is made of. */
export interface ClusterOptions {
  readonly nodes: readonly NodeId[]
  /** Where the clients gossip. */
  readonly seeds: readonly Address[]
  readonly bank: BankOptions
  /** Each node has a directory in it. */
  readonly directory: string
  readonly processes: ProcessGroup
  readonly signal: AbortSignal
  readonly onLost: (error: Error) => void
}

/** The bank's nodes and the network between them. */
export class Cluster {
  readonly nodes: readonly BankNode[]
  readonly network: ProxyNetwork
  readonly #signal: AbortSignal
  readonly #seeds: readonly Address[]

  private constructor(options: ClusterOptions, network: ProxyNetwork) {
    const { nodes: voters, bank, processes, onLost } = options
    this.network = network
    this.#signal = options.signal
    this.#seeds = options.seeds
    this.nodes = voters.map((id) => {
      const directory = join(options.directory, id)
      const config = { id, voters, addresses: network.addressesFor(id), seeds: [], directory, bank }
      const onListening = (node: NodeId, address: Address): void => network.attach(node, address)
      return new BankNode(config, processes, { onListening, onLost })
    })
  }

  /** Opens the network; {@link Cluster.start} starts the nodes. */
  static async open(options: ClusterOptions): Promise<Cluster> {
    return new Cluster(options, await createProxyNetwork(options.nodes))
  }

  /** Starts every node and waits until all follow one leader. */
  async start(): Promise<void> {
    for (const node of this.nodes) node.start(this.#seeds)
    await this.healthy()
  }

  /** The leader of the newest term that a running node claims to lead. */
  get leader(): BankNode | undefined {
    const leaders = this.nodes.filter(({ state, status }) => state === 'up' && status?.role === 'leader')
    return leaders.sort((one, other) => termOf(other) - termOf(one))[0]
  }

  /** The highest term that was heard of. */
  get term(): Term {
    return Math.max(...this.nodes.map(termOf))
  }

  /** Starts a node's process again. */
  restart(node: BankNode): void {
    node.start(this.#seeds)
  }

  /** Waits until every node is up, follows one leader, and has applied what was committed when the wait began. */
  async healthy(): Promise<void> {
    const what = 'every node is up, follows one leader and has caught up'
    const commit = Math.max(...this.nodes.map(({ status }) => status?.commitIndex ?? 0))
    const isHealthy = (): boolean =>
      this.#agrees() && this.nodes.every(({ status }) => (status?.appliedIndex ?? 0) >= commit)
    await waitUntil(isHealthy, { what, signal: this.#signal })
  }

  /** Waits until every node has applied everything there is, and nothing comes any more. */
  async settled(): Promise<void> {
    let calmSince = machineClock.now()
    let heard = this.nodes.map((node) => node.heard)
    let last = 0
    const isCalm = (): boolean => {
      const { lastIndex = 0 } = this.leader?.status ?? {}
      if (lastIndex !== last || !this.#agrees() || !this.#hasCaughtUp()) {
        calmSince = machineClock.now()
        heard = this.nodes.map((node) => node.heard)
      }
      last = lastIndex
      const isConfirmed = this.nodes.every((node, nth) => node.heard >= (heard[nth] ?? 0) + CALM_STATUSES)
      return isConfirmed && machineClock.now() - calmSince >= CALM_MS
    }
    const what = 'every node has applied the same log, and nothing is under way'
    await waitUntil(isCalm, { what, signal: this.#signal })
  }

  #agrees(): boolean {
    const { leader } = this
    return this.nodes.every(
      (node) => node.heard > 0 && node.status?.leader === leader?.id && termOf(node) === termOf(leader),
    )
  }

  #hasCaughtUp(): boolean {
    const last = this.leader?.status?.lastIndex
    return this.nodes.every(
      // What a node still tries for a client that has long got its answer elsewhere would be one more entry.
      ({ status }) => status?.pending === 0 && status.lastIndex === last && status.appliedIndex === last,
    )
  }
}

function termOf(node: BankNode | undefined): Term {
  return node?.status?.term ?? 0
}
