import type { Random } from '@colony/host'
import { redisBackend } from '../../../src/redis/index.ts'
import type { BackendModel } from '../backend-model.ts'
import { type ServerFaults, serverFaults } from '../faults.ts'
import type { Run } from '../lock-run.ts'
import {
  keysOf,
  simulatedRedisClient,
  type SimulatedRedisOptions,
  startRedis,
} from '../redis/simulated-redis.ts'

const SERVER = 's1'

/** What a client of Redis, and the backend on it, are told. */
interface RedisSettings {
  readonly timeout: number
  readonly poll: number
  readonly replays: boolean
  readonly stallMs: number
}

/** How clients differ: what they do when a connection is lost, and whether they notice. */
export function drawClientSettings(random: Random): Pick<RedisSettings, 'replays' | 'stallMs'> {
  return { replays: random.float() < 0.5, stallMs: random.float() < 0.5 ? 1e9 : random.integer(100, 2000) }
}

/** One Redis server with some faults, and the promises that survive them. */
export function redisModel(
  name: string,
  kinds: ServerFaults['kinds'],
  promises: BackendModel['promises'],
  options: SimulatedRedisOptions,
): BackendModel {
  return {
    name,
    servers: 1,
    promises,
    settings: (random) => ({
      timeout: random.integer(100, 2000),
      poll: random.integer(50, 500),
      ...drawClientSettings(random),
    }),
    server: (place) => startRedis(place, options),
    client: (place) => {
      const { timeout, poll, ...link } = place.run.state.settings as unknown as RedisSettings
      const { clock, random } = place.node.host
      const client = simulatedRedisClient(place, SERVER, link)
      return redisBackend(client, { timeout, poll, clock, random: random.fork('redis') })
    },
    faults: (random, servers, durationMs) => serverFaults({ random, servers, durationMs, kinds }),
    leftovers: (run) => keysLeft(run, SERVER),
  }
}

/** Keys that are about locks, but for the last tokens, which stay. */
export function keysLeft(run: Run, server: string): readonly string[] {
  return keysOf({ run }, server).filter((key) => !key.endsWith(':fence'))
}

const SOUND_CLOCK: ServerFaults['kinds'] = ['crash', 'pause', 'clock', 'timers', 'loop']

/** A server that writes to disk before it answers, and whose time of day is not set. */
export const redisOnDisk: BackendModel = redisModel(
  'lock-redis',
  SOUND_CLOCK,
  { exclusion: true, tokens: true },
  { persists: true },
)

/** A server that comes back empty: a lock may be granted twice, and the tokens tell. */
export const redisRestartedEmpty: BackendModel = redisModel(
  'lock-redis-restarted-empty',
  SOUND_CLOCK,
  { exclusion: false, tokens: true },
  { persists: false },
)

/** A server whose time of day is set, forwards and back: the same. */
export const redisSetClock: BackendModel = redisModel(
  'lock-redis-set-clock',
  [...SOUND_CLOCK, 'skew'],
  { exclusion: false, tokens: true },
  { persists: true },
)
