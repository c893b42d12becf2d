import { join } from 'node:path'
import { besides, Worker } from '../measure/child.ts'
import type { DurableServer } from './durable-server.ts'

const MEMBERS = ['a', 'b', 'c'] as const
const START_TIMEOUT_MS = 30_000

/** Names the cluster on the wire. */
export const CLUSTER_ID = 'bench'

/** Three colony servers with their defaults, as three processes on loopback, writing under one scratch directory. */
export class ColonyCluster implements AsyncDisposable {
  readonly servers: ReadonlyMap<string, Worker<DurableServer>>
  readonly #addresses: Readonly<Record<string, string>>
  /** Who led when the cluster had come up. */
  readonly leader: string

  private constructor(
    servers: ReadonlyMap<string, Worker<DurableServer>>,
    addresses: Readonly<Record<string, string>>,
    leader: string,
  ) {
    this.servers = servers
    this.#addresses = addresses
    this.leader = leader
  }

  /** Starts the servers and waits until all of them know one leader. */
  static async start(directory: string): Promise<ColonyCluster> {
    const module = besides(import.meta.url, 'durable-server')
    const servers = new Map(MEMBERS.map((id) => [id as string, new Worker<DurableServer>(module)]))
    try {
      const each = [...servers]
      const members = Object.fromEntries(
        await Promise.all(
          each.map(
            async ([id, server]) => [id, await server.call('listen', { id, clusterId: CLUSTER_ID })] as const,
          ),
        ),
      )
      await Promise.all(
        each.map(([id, server]) => server.call('join', { id, members, directory: join(directory, id) })),
      )
      return new ColonyCluster(servers, members, await findLeader(servers))
    } catch (error) {
      await stopAll(servers)
      throw error
    }
  }

  /** The server that led at the start. */
  get leaderServer(): Worker<DurableServer> {
    const server = this.servers.get(this.leader)
    if (server === undefined) throw new Error(`colony: no server ${this.leader}`)
    return server
  }

  /** The server processes. */
  get pids(): number[] {
    return [...this.servers.values()].map((server) => server.pid)
  }

  /** Where that server is. */
  get leaderAddress(): string {
    return this.#addresses[this.leader] ?? ''
  }

  /** Fails when leadership moved since the start: then a figure would mean something else than it says. */
  async checkLeader(): Promise<void> {
    const { role } = await this.leaderServer.call('status', undefined)
    if (role !== 'leader')
      throw new Error(`colony: ${this.leader} lost its leadership under load; measure again`)
  }

  /** Kills the servers; a benchmark's data needs no farewell. */
  async [Symbol.asyncDispose](): Promise<void> {
    await stopAll(this.servers)
  }
}

async function stopAll(servers: ReadonlyMap<string, Worker<DurableServer>>): Promise<void> {
  await Promise.all([...servers.values()].map((server) => server[Symbol.asyncDispose]()))
}

async function findLeader(servers: ReadonlyMap<string, Worker<DurableServer>>): Promise<string> {
  const deadline = Date.now() + START_TIMEOUT_MS
  while (Date.now() < deadline) {
    const statuses = await Promise.all(
      [...servers.values()].map((server) => server.call('status', undefined)),
    )
    const known = new Set(statuses.map((status) => status.leader))
    const leading = statuses.find(
      (status) => status.role === 'leader' && known.size === 1 && known.has(status.id),
    )
    if (leading !== undefined) return leading.id
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`colony: no leader within ${START_TIMEOUT_MS} ms`)
}
