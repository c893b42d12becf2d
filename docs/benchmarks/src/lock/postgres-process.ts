import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { OwnedProcess } from '../measure/child.ts'
import { temporaryDirectory } from '../measure/cleanup.ts'
import { freePorts } from '../measure/free-ports.ts'
import { sleep } from './locker.ts'

/** Where Debian and others put its programs, newest first. `POSTGRES_BIN` names another directory. */
const PLACES = [
  process.env['POSTGRES_BIN'],
  ...[18, 17, 16, 15, 14].map((version) => `/usr/lib/postgresql/${version}/bin`),
  '/usr/local/bin',
]
const PROGRAMS = PLACES.find((place) => place !== undefined && existsSync(join(place, 'initdb')))
/** It refuses to run as root: then it runs as the user that Debian's package makes. */
const AS_USER =
  process.getuid?.() === 0
    ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', '--']
    : ['env']
const LOOKS = 200
const LOOK_MS = 50

/** What to tell someone who has no PostgreSQL. */
export const HOW_TO_GET_POSTGRES = 'apt-get install -y --no-install-recommends postgresql'

/** The installed version, or `undefined` when there is none. */
export function postgresVersion(): string | undefined {
  if (PROGRAMS === undefined) return undefined
  const text = execFileSync(join(PROGRAMS, 'postgres'), ['--version'], { encoding: 'utf8' })
  return /(\d+\.\d+)/.exec(text)?.[1]
}

/** PostgreSQL on loopback with its defaults: what it says is committed is on disk. */
export class PostgresProcess implements AsyncDisposable {
  /** For `new Client(…)`. */
  readonly url: string
  readonly #directory: Disposable
  readonly #server: OwnedProcess

  private constructor(port: number, directory: Disposable, server: OwnedProcess) {
    this.url = `postgres://postgres@127.0.0.1:${port}/postgres`
    this.#directory = directory
    this.#server = server
  }

  /** Makes an empty database under `scratch`, starts the server and waits until it answers. */
  static async start(scratch: string): Promise<PostgresProcess> {
    const directory = temporaryDirectory(scratch, 'colony-postgres-')
    // For the other user; what is in it is for that one alone.
    chmodSync(directory.path, 0o777)
    const data = join(directory.path, 'data')
    const [program = 'env', ...user] = AS_USER
    const programs = PROGRAMS ?? ''
    const flags = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']
    execFileSync(program, [...user, join(programs, 'initdb'), ...flags], { cwd: directory.path })
    const [port = 0] = await freePorts(1)
    const server = OwnedProcess.spawn(program, [
      ...[...user, join(programs, 'postgres'), '-D', data, '-p', String(port)],
      ...['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    ])
    const started = new PostgresProcess(port, directory, server)
    try {
      await started.#answers()
      return started
    } catch (error) {
      await started[Symbol.asyncDispose]()
      throw error
    }
  }

  async #answers(): Promise<void> {
    for (let look = 1; ; look++) {
      const client = new Client(this.url)
      try {
        await client.connect()
        return
      } catch (error) {
        if (look === LOOKS) throw error
        await sleep(LOOK_MS)
      } finally {
        await client.end()
      }
    }
  }

  /** Ends it at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#quit()
    await this.#server[Symbol.asyncDispose]()
    this.#directory[Symbol.dispose]()
  }

  /** By its own signal, so that its other processes end and its shared memory is given back. */
  async #quit(): Promise<void> {
    try {
      process.kill(this.#server.pid, 'SIGQUIT')
      for (let look = 1; look < LOOKS; look++) {
        await sleep(LOOK_MS)
        process.kill(this.#server.pid, 0)
      }
    } catch {
      // It is gone.
    }
  }
}
