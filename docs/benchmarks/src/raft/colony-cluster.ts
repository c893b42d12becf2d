import { join } from 'node:path'
import { besides, Worker } from '../measure/child.ts'
import type { DurableServer } from './durable-server.ts'

const MEMBERS = ['a', 'b', 'c'] as const
const START_TIMEOUT_MS = 30_000
const POLL_MS = 20
const SERVER = besides(import.meta.url, 'durable-server')

/** Names the cluster on the wire. */
export const CLUSTER_ID = 'bench'

/** How the servers are set up. */
export interface ClusterOptions {
  /** Whether reads under a lease are allowed, which is not the default. */
  readonly leases: boolean
}

/** Three colony servers with their defaults, as three processes on loopback, writing under one scratch directory. */
export class ColonyCluster implements AsyncDisposable {
  readonly #servers = new Map<string, Worker<DurableServer>>()
  readonly #directory: string
  readonly #options: ClusterOptions
  #addresses: Readonly<Record<string, string>> = {}
  #leader = ''

  private constructor(directory: string, options: ClusterOptions) {
    this.#directory = directory
    this.#options = options
    for (const id of MEMBERS) this.#servers.set(id, new Worker<DurableServer>(SERVER))
  }

  /** Starts the servers and waits until all of them know one leader. Default: with leases, for the reads that use them. */
  static async start(directory: string, options: ClusterOptions = { leases: true }): Promise<ColonyCluster> {
    const cluster = new ColonyCluster(directory, options)
    try {
      await cluster.#begin()
      return cluster
    } catch (error) {
      await cluster[Symbol.asyncDispose]()
      throw error
    }
  }

  async #begin(): Promise<void> {
    const listening = MEMBERS.map(async (id) => {
      return [id, await this.server(id).call('listen', { id, clusterId: CLUSTER_ID })] as const
    })
    this.#addresses = Object.fromEntries(await Promise.all(listening))
    await Promise.all(MEMBERS.map((id) => this.#join(id)))
    this.#leader = await this.findLeader()
  }

  /** Who led when the cluster had come up. */
  get leader(): string {
    return this.#leader
  }

  /** The servers by their ids. */
  get servers(): ReadonlyMap<string, Worker<DurableServer>> {
    return this.#servers
  }

  /** One of them. */
  server(id: string): Worker<DurableServer> {
    const server = this.#servers.get(id)
    if (server === undefined) throw new Error(`colony: no server ${id}`)
    return server
  }

  /** The ids of the other two. */
  othersThan(id: string): string[] {
    return MEMBERS.filter((member) => member !== id)
  }

  /** The server that led at the start. */
  get leaderServer(): Worker<DurableServer> {
    return this.server(this.#leader)
  }

  /** The server processes. */
  get pids(): number[] {
    return [...this.#servers.values()].map((server) => server.pid)
  }

  /** Where the leader of the start is. */
  get leaderAddress(): string {
    return this.#addresses[this.#leader] ?? ''
  }

  /** Starts a server that was killed again, on its old data and port. */
  async restart(id: string): Promise<void> {
    await this.server(id)[Symbol.asyncDispose]()
    this.#servers.set(id, new Worker<DurableServer>(SERVER))
    const endpoint = (this.#addresses[id] ?? '').replace('tcp://', '')
    await this.server(id).call('listen', { id, clusterId: CLUSTER_ID, endpoint })
    await this.#join(id)
  }

  /** Waits until these know one leader among them, and it is not `instead`. */
  async findLeader(ids: readonly string[] = MEMBERS, instead = ''): Promise<string> {
    const deadline = Date.now() + START_TIMEOUT_MS
    while (Date.now() < deadline) {
      const statuses = await Promise.all(ids.map((id) => this.server(id).call('status', undefined)))
      const known = new Set(statuses.map((status) => status.leader))
      const leading = statuses.find((status) => status.role === 'leader' && status.id !== instead)
      if (leading !== undefined && known.size === 1 && known.has(leading.id)) return leading.id
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
    throw new Error(`colony: no leader within ${START_TIMEOUT_MS} ms`)
  }

  /** Fails when leadership moved since the start: then a figure would mean something else than it says. */
  async checkLeader(): Promise<void> {
    const { role } = await this.leaderServer.call('status', undefined)
    if (role !== 'leader')
      throw new Error(`colony: ${this.#leader} lost its leadership under load; measure again`)
  }

  /** Kills the servers; a benchmark's data needs no farewell. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#servers.values()].map((server) => server[Symbol.asyncDispose]()))
  }

  async #join(id: string): Promise<void> {
    const directory = join(this.#directory, id)
    await this.server(id).call('join', { id, members: this.#addresses, directory, ...this.#options })
  }
}
