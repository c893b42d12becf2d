import { Redis } from 'ioredis'
import { RedisProcess } from '../../servers/redis.ts'
import { TcpProxy } from '../../servers/tcp-proxy.ts'

/** Real servers that know nothing of each other, and links to them. */
export class IndependentServers implements AsyncDisposable {
  readonly servers: readonly RedisProcess[]
  readonly proxies: readonly TcpProxy[]
  readonly #clients: Redis[] = []

  private constructor(servers: readonly RedisProcess[], proxies: readonly TcpProxy[]) {
    this.servers = servers
    this.proxies = proxies
  }

  static async start(count: number): Promise<IndependentServers> {
    const servers = await RedisProcess.startMany(count)
    const proxies = await Promise.all(servers.map(({ port }) => TcpProxy.start(port)))
    return new IndependentServers(servers, proxies)
  }

  /** One client of ioredis for each. */
  clients(options: Readonly<Record<string, unknown>> = {}): Redis[] {
    return this.servers.map(({ port }) => this.#client(port, options))
  }

  /** The same, over links that can be cut. */
  distantClients(options: Readonly<Record<string, unknown>> = {}): Redis[] {
    return this.proxies.map(({ port }) => this.#client(port, options))
  }

  /** Stops some of the servers: they answer nothing, and their clocks go on. */
  stop(...indexes: readonly number[]): void {
    for (const index of indexes) this.servers[index]?.signal('SIGSTOP')
  }

  continue(...indexes: readonly number[]): void {
    for (const index of indexes) this.servers[index]?.signal('SIGCONT')
  }

  /** What each server has under a key. */
  async values(key: string): Promise<readonly (string | undefined)[]> {
    return await Promise.all(
      this.servers.map(async (server) => {
        const reply = await server.command('GET', key)
        return reply.startsWith('$-1') ? undefined : reply.split('\r\n')[1]
      }),
    )
  }

  /** All servers: running, empty, and reachable. */
  async reset(): Promise<void> {
    for (const client of this.#clients.splice(0)) client.disconnect()
    for (const [index, server] of this.servers.entries()) {
      server.signal('SIGCONT')
      this.proxies[index]?.heal()
      await server.command('FLUSHALL')
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.disconnect()
    for (const proxy of this.proxies) await proxy[Symbol.asyncDispose]()
    for (const server of this.servers) {
      server.signal('SIGCONT')
      await server[Symbol.asyncDispose]()
    }
  }

  #client(port: number, options: Readonly<Record<string, unknown>>): Redis {
    const client = new Redis(port, { enableAutoPipelining: false, ...options })
    client.on('error', () => {})
    this.#clients.push(client)
    return client
  }
}
