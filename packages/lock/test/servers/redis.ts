import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from './free-ports.ts'

/** Where Debian puts it, and where others do. `REDIS_SERVER` names another. */
const PLACES = [process.env['REDIS_SERVER'], '/usr/bin/redis-server', '/usr/local/bin/redis-server']

/** The program, if it is there. */
export const redisProgram: string | undefined = PLACES.find((path) => path !== undefined && existsSync(path))

/** How to get it, for the name of a test that is skipped. */
export const NO_REDIS = 'needs redis-server: apt-get install redis-server, or name one in REDIS_SERVER'

/** Whether a missing program is a failure, as in CI, and not a reason to skip. */
export const redisRequired: boolean = process.env['COLONY_REQUIRE_SERVERS'] === '1'

/** Whether tests with a real server are to be skipped. */
export const skipRedis: boolean = redisProgram === undefined && !redisRequired

/**
 * Runs the program and says its number; kills it when its own input ends, which it does when this process is gone, however it ended.
 */
const GUARD = '"$@" >/dev/null 2>&1 </dev/null & echo $!; read -r _; kill -9 $! 2>/dev/null'

/** How a server is started. */
export interface RedisProcessOptions {
  /** Further settings: `['--appendonly', 'yes']`. */
  readonly settings?: readonly string[]
  /** A server of a Cluster that has all slots. */
  readonly cluster?: boolean
}

/** A real server on loopback, with nothing on disk unless the settings say so. */
export class RedisProcess implements AsyncDisposable {
  readonly port: number
  readonly #directory: string
  readonly #options: RedisProcessOptions
  #guard: ChildProcess | undefined
  #pid = 0

  private constructor(port: number, directory: string, options: RedisProcessOptions) {
    this.port = port
    this.#directory = directory
    this.#options = options
  }

  /** Starts one. Another process may take its port first: then it is tried again. */
  static async start(options: RedisProcessOptions = {}): Promise<RedisProcess> {
    for (let attempt = 1; ; attempt++) {
      const directory = mkdtempSync(join(tmpdir(), 'colony-redis-'))
      const server = new RedisProcess(await freePort(), directory, options)
      try {
        await server.#spawn()
        if (options.cluster === true) await server.#takeAllSlots()
        return server
      } catch (error) {
        await server[Symbol.asyncDispose]()
        if (attempt === 3) throw error
      }
    }
  }

  /** Several independent ones. */
  static async startMany(count: number, options: RedisProcessOptions = {}): Promise<RedisProcess[]> {
    return await Promise.all(Array.from({ length: count }, () => RedisProcess.start(options)))
  }

  /** Where it is. */
  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  /** Kills it and starts it anew on the same port: empty, unless its settings make it write to disk. */
  async restart(): Promise<void> {
    await this.kill()
    await this.#spawn()
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    if (this.#guard === undefined || this.#guard.exitCode !== null) return
    const ended = once(this.#guard, 'exit')
    this.#guard.stdin?.end()
    await ended
  }

  /** Stops it (its clock goes on) and continues it. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    process.kill(this.#pid, signal)
  }

  /** Sends one command on a connection of its own, for what a test wants to know: the reply as the protocol has it. */
  async command(...args: readonly string[]): Promise<string> {
    return await sendInline(this.port, args)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    rmSync(this.#directory, { recursive: true, force: true })
  }

  async #spawn(): Promise<void> {
    // The default, 10000 above the port, may be beyond the last one.
    const bus = this.#options.cluster === true ? await freePort() : 0
    const args = [
      ...['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#directory],
      ...['--save', '', '--appendonly', 'no', '--enable-debug-command', 'yes'],
      ...(this.#options.cluster === true ? clusterSettings(bus) : []),
      ...(this.#options.settings ?? []),
    ]
    const guard = spawn('sh', ['-c', GUARD, 'sh', redisProgram ?? 'redis-server', ...args], {
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    this.#guard = guard
    const [pid] = (await once(createInterface({ input: guard.stdout }), 'line')) as [string]
    this.#pid = Number(pid)
    await this.#until(async () => (await this.command('PING')).startsWith('+PONG'))
    // Whoever answers may be somebody else's server that took the port.
    const info = await this.command('INFO', 'server')
    if (!info.includes(`process_id:${this.#pid}`)) throw new Error(`port ${this.port} was taken`)
  }

  async #takeAllSlots(): Promise<void> {
    await this.command('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
    await this.#until(async () => (await this.command('CLUSTER', 'INFO')).includes('cluster_state:ok'))
  }

  async #until(holds: () => Promise<boolean>): Promise<void> {
    const until = performance.now() + 20_000
    while (!(await holds().catch(() => false))) {
      if (performance.now() > until) throw new Error(`redis-server on port ${this.port} does not answer`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

function clusterSettings(bus: number): readonly string[] {
  return ['--cluster-enabled', 'yes', '--cluster-port', String(bus), '--cluster-announce-ip', '127.0.0.1']
}

/** One command, its whole reply, and the end of the connection. */
function sendInline(port: number, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let reply = ''
    socket.setEncoding('utf8')
    socket.setTimeout(10_000, () => socket.destroy(new Error('no answer')))
    socket.on('data', (chunk: string) => (reply += chunk))
    socket.on('error', reject)
    socket.on('close', () => resolve(reply.slice(0, reply.lastIndexOf('+OK'))))
    const encoded = [args, ['QUIT']].map((command) => {
      const parts = command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`)
      return `*${command.length}\r\n${parts.join('')}`
    })
    socket.write(encoded.join(''))
  })
}
