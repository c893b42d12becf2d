import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { Redis } from 'ioredis'
import { freePorts } from '../src/free-ports.ts'

/** Where Debian puts it, and where others do. `REDIS_SERVER` names another. */
const PLACES = [process.env['REDIS_SERVER'], '/usr/bin/redis-server', '/usr/local/bin/redis-server']
const program = PLACES.find((path) => path !== undefined && existsSync(path))

/** How to get it, for the name of a test that is skipped. */
export const NO_REDIS = 'needs redis-server: apt-get install redis-server, or name one in REDIS_SERVER'

/** Whether tests with real servers are to be skipped. */
export const skipRedis: boolean = program === undefined && process.env['COLONY_REQUIRE_SERVERS'] !== '1'

/** Runs the program, and kills it when its own input ends, which it does when this process is gone, however it ended. */
const GUARD = '"$@" >/dev/null 2>&1 </dev/null & read -r _; kill -9 $! 2>/dev/null'

/** A real server on loopback, with nothing on disk. */
export interface RunningRedis extends AsyncDisposable {
  readonly url: string
  /** A connection, for what a test wants to know. */
  readonly client: Redis
}

/** Starts one; it answers when this resolves. */
export async function startRedis(): Promise<RunningRedis> {
  const [port = 0] = await freePorts(1)
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', tmpdir()]
  const guard = spawn('sh', ['-c', GUARD, 'sh', program ?? 'redis-server', ...args], {
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const client = new Redis(port, { retryStrategy: () => 50, maxRetriesPerRequest: null })
  client.on('error', () => {})
  await client.ping()
  return {
    url: `redis://127.0.0.1:${port}`,
    client,
    [Symbol.asyncDispose]: async () => {
      client.disconnect()
      const ended = once(guard, 'exit')
      guard.stdin.end()
      await ended
    },
  }
}
