import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { Redis } from 'ioredis'
import { OwnedProcess } from '../measure/child.ts'
import { freePorts } from '../measure/free-ports.ts'
import { sleep } from './locker.ts'

/** Where Debian puts it, and where others do. `REDIS_SERVER` names another. */
const PLACES = [process.env['REDIS_SERVER'], '/usr/bin/redis-server', '/usr/local/bin/redis-server']
const PROGRAM = PLACES.find((path) => path !== undefined && existsSync(path))
const START_TIMEOUT_MS = 10_000

/** What to tell someone who has no Redis. */
export const HOW_TO_GET_REDIS = 'apt-get install -y --no-install-recommends redis-server'

/** The installed version, or `undefined` when there is none. */
export function redisVersion(): string | undefined {
  if (PROGRAM === undefined) return undefined
  return /v=(\S+)/.exec(execFileSync(PROGRAM, ['--version'], { encoding: 'utf8' }))?.[1]
}

/** Independent Redis servers on loopback, with nothing on disk. */
export class RedisProcesses implements AsyncDisposable {
  readonly ports: readonly number[]
  readonly #servers: readonly OwnedProcess[]

  private constructor(servers: readonly OwnedProcess[], ports: readonly number[]) {
    this.#servers = servers
    this.ports = ports
  }

  /** Starts them and waits until each answers. */
  static async start(count: number): Promise<RedisProcesses> {
    const ports = await freePorts(count)
    const servers = ports.map((port) =>
      OwnedProcess.spawn(PROGRAM ?? '', [
        ...['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
      ]),
    )
    const started = new RedisProcesses(servers, ports)
    try {
      await Promise.all(ports.map(untilItAnswers))
      return started
    } catch (error) {
      await started[Symbol.asyncDispose]()
      throw error
    }
  }

  /** The first server's process. */
  get pid(): number {
    return this.#servers[0]?.pid ?? 0
  }

  /** Kills the servers. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#servers.map((server) => server[Symbol.asyncDispose]()))
  }
}

async function untilItAnswers(port: number): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS
  const client = new Redis({ port, retryStrategy: () => 20, maxRetriesPerRequest: null })
  client.on('error', () => undefined) // not up yet
  try {
    await Promise.race([client.ping(), sleep(deadline - Date.now()).then(() => refuse(port))])
  } finally {
    client.disconnect()
  }
}

function refuse(port: number): never {
  throw new Error(`redis-server on port ${port}: no answer within ${START_TIMEOUT_MS} ms`)
}

/** How often the server has run each command so far, those that scripts run included. */
export async function commandCounts(port: number): Promise<ReadonlyMap<string, number>> {
  const client = new Redis({ port })
  try {
    return parseCommandCounts(await client.info('commandstats'))
  } finally {
    client.disconnect()
  }
}

/** Reads the section `commandstats` of INFO; a subcommand counts for its command. */
export function parseCommandCounts(text: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const [, name = '', calls] of text.matchAll(/^cmdstat_([a-z]+)[^:]*:calls=(\d+)/gm)) {
    counts.set(name, (counts.get(name) ?? 0) + Number(calls))
  }
  return counts
}
