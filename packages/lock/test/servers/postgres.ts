import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { freePort } from './free-ports.ts'

const execute = promisify(execFile)

/** Where Debian and others put its programs, newest first. `POSTGRES_BIN` names another directory. */
const PLACES = [
  process.env['POSTGRES_BIN'],
  ...[18, 17, 16, 15, 14].map((version) => `/usr/lib/postgresql/${version}/bin`),
  ...['/usr/pgsql-17/bin', '/usr/local/pgsql/bin', '/usr/local/bin', '/opt/homebrew/bin', '/usr/bin'],
]

/** The directory of its programs, if it is there. */
export const postgresPrograms: string | undefined = PLACES.find(
  (place) => place !== undefined && existsSync(join(place, 'postgres')) && existsSync(join(place, 'initdb')),
)

/** How to get it, for the name of a test that is skipped. */
export const NO_POSTGRES =
  'needs postgresql: apt-get install postgresql, or name the directory of its programs in POSTGRES_BIN'

/** Whether its tests are left out here. In CI it has to be there. */
export const skipPostgres: boolean =
  postgresPrograms === undefined && process.env['COLONY_REQUIRE_SERVERS'] !== '1'

/** PostgreSQL refuses to run as root: then its programs run as the user that Debian's package makes. */
const AS_USER =
  process.getuid?.() === 0
    ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', '--']
    : ['env']

/**
 * Runs the server and says its number; ends it when its own input ends, which it does when this process is gone, however it ended.
 */
const GUARD =
  '"$@" >"$DATA/log" 2>&1 </dev/null & echo $!; read -r _; kill -QUIT $! 2>/dev/null; wait $!; rm -rf "$DATA"'

/** A real PostgreSQL on loopback, with an empty database that is gone with it. */
export class PostgresServer implements AsyncDisposable {
  readonly port: number
  readonly #guard: ChildProcess
  readonly #pid: number

  private constructor(port: number, guard: ChildProcess, pid: number) {
    this.port = port
    this.#guard = guard
    this.#pid = pid
  }

  /** Starts one, with settings as its configuration file has them. */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
    const directory = await mkdtemp(join(tmpdir(), 'colony-postgres-'))
    // For the other user; what is in it is for that one alone.
    await chmod(directory, 0o777)
    const data = join(directory, 'data')
    const [first = 'env', ...rest] = AS_USER
    const initdb = join(postgresPrograms ?? '', 'initdb')
    const flags = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']
    await execute(first, [...rest, initdb, ...flags], { cwd: directory })
    for (let attempt = 1; ; attempt++) {
      const server = await PostgresServer.#spawn(directory, data, settings)
      try {
        await server.#answers()
        return server
      } catch (error) {
        // Another process may have taken its port.
        server.signal('SIGKILL')
        if (attempt === 3) throw error
      }
    }
  }

  static async #spawn(
    directory: string,
    data: string,
    settings: Readonly<Record<string, string>>,
  ): Promise<PostgresServer> {
    const port = await freePort()
    const all = {
      ...{ listen_addresses: '127.0.0.1', unix_socket_directories: '', fsync: 'off' },
      ...settings,
    }
    const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const program = join(postgresPrograms ?? '', 'postgres')
    const guard = spawn(
      'sh',
      ['-c', GUARD, 'sh', ...AS_USER, program, '-D', data, '-p', String(port), ...flags],
      { cwd: directory, stdio: ['pipe', 'pipe', 'ignore'], env: { ...process.env, DATA: directory } },
    )
    const lines = createInterface({ input: guard.stdout })
    const [pid] = (await once(lines, 'line')) as [string]
    return new PostgresServer(port, guard, Number(pid))
  }

  /** For `new Client(…)`. A port other than the server's is that of something in between. */
  url(port: number = this.port): string {
    return `postgres://postgres@127.0.0.1:${port}/postgres`
  }

  /** Runs one statement on a connection of its own. */
  async query(text: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: this.url() })
    await client.connect()
    try {
      const { rows } = await client.query<Record<string, unknown>>(text, [...values])
      return rows
    } finally {
      await client.end()
    }
  }

  /** Sends a signal to the server's first process: the others of it go on. */
  signal(signal: 'SIGKILL' | 'SIGQUIT'): void {
    process.kill(this.#pid, signal)
  }

  async #answers(): Promise<void> {
    for (let look = 1; ; look++) {
      try {
        await this.query('select 1')
        return
      } catch (error) {
        if (look === 200) throw error
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#guard.exitCode !== null) return
    const ended = once(this.#guard, 'exit')
    this.#guard.stdin?.end()
    await ended
  }
}
