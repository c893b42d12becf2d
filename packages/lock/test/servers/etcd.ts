import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { freePorts } from './free-ports.ts'

/** Where Debian puts it, and where others do. `ETCD` names another. */
const PLACES = [process.env['ETCD'], '/usr/bin/etcd', '/usr/local/bin/etcd']

/** The program, if it is there. */
export const etcdProgram: string | undefined = PLACES.find((path) => path !== undefined && existsSync(path))

/** How to get it, for the name of a test that is skipped. */
export const NO_ETCD = 'needs etcd: apt-get install etcd-server, or name one in ETCD'

/** Whether tests with a real server are to be skipped. With `COLONY_REQUIRE_SERVERS=1`, as in CI, a missing program is a failure. */
export const skipEtcd: boolean = etcdProgram === undefined && process.env['COLONY_REQUIRE_SERVERS'] !== '1'

/**
 * Runs the program and says its number; kills it when its own input ends, which it does when this process is gone, however it ended.
 */
const GUARD = '"$@" >/dev/null 2>&1 </dev/null & echo $!; read -r _; kill -9 $! 2>/dev/null'

/** How long a server may take to start on a machine that has other things to do, in milliseconds. */
const START_TIMEOUT_MS = 20_000

/** One real member of etcd on loopback. */
export class EtcdProcess implements AsyncDisposable {
  readonly url: string
  readonly #directory: string
  readonly #peerUrl: string
  #guard: ChildProcess | undefined
  #pid = 0

  private constructor(ports: readonly number[], directory: string) {
    this.url = `http://127.0.0.1:${ports[0]}`
    this.#peerUrl = `http://127.0.0.1:${ports[1]}`
    this.#directory = directory
  }

  /** Starts one. Another process may take its port first: then it is tried again. */
  static async start(): Promise<EtcdProcess> {
    for (let attempt = 1; ; attempt++) {
      const directory = mkdtempSync(join(tmpdir(), 'colony-etcd-'))
      const server = new EtcdProcess(await freePorts(2), directory)
      try {
        await server.#spawn()
        return server
      } catch (error) {
        await server[Symbol.asyncDispose]()
        if (attempt === 3) throw error
      }
    }
  }

  /** Stops it (its clock goes on) and continues it. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    process.kill(this.#pid, signal)
  }

  /** Sends a request to its gateway, for what a test wants to know. */
  async ask(path: string, body: object): Promise<unknown> {
    const response = await fetch(`${this.url}/v3/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(5000),
    })
    return await response.json()
  }

  /** Every key that it has. */
  async keys(): Promise<string[]> {
    const all = { key: 'AA==', range_end: 'AA==', keys_only: true }
    const { kvs = [] } = (await this.ask('kv/range', all)) as { kvs?: { key: string }[] }
    return kvs.map(({ key }) => Buffer.from(key, 'base64').toString())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#guard !== undefined && this.#guard.exitCode === null) {
      const ended = once(this.#guard, 'exit')
      this.#guard.stdin?.end()
      await ended
    }
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 10 })
  }

  async #spawn(): Promise<void> {
    const args = [
      ...['--name', 'one', '--data-dir', this.#directory],
      ...['--listen-client-urls', this.url, '--advertise-client-urls', this.url],
      ...['--listen-peer-urls', this.#peerUrl, '--initial-advertise-peer-urls', this.#peerUrl],
      ...['--initial-cluster', `one=${this.#peerUrl}`, '--logger', 'zap', '--log-level', 'error'],
    ]
    const guard = spawn('sh', ['-c', GUARD, 'sh', etcdProgram ?? 'etcd', ...args], {
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    this.#guard = guard
    const lines = createInterface({ input: guard.stdout! })
    const [pid] = (await once(lines, 'line')) as [string]
    this.#pid = Number(pid)
    const deadline = Date.now() + START_TIMEOUT_MS
    while (!(await this.#answers())) {
      if (Date.now() > deadline) throw new Error('etcd does not answer')
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  async #answers(): Promise<boolean> {
    try {
      const { kvs, header } = (await this.ask('kv/range', { key: 'AA==' })) as {
        kvs?: unknown
        header?: unknown
      }
      return header !== undefined && kvs === undefined
    } catch {
      return false
    }
  }
}
