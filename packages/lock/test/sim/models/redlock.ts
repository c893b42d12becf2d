import { redlockBackend, type RedlockOptions } from '../../../src/redis/index.ts'
import type { BackendModel } from '../backend-model.ts'
import { type ServerFaults, serverFaults } from '../faults.ts'
import {
  keysOf,
  simulatedRedisClient,
  type SimulatedRedisOptions,
  startRedis,
} from '../redis/simulated-redis.ts'
import { drawClientSettings } from './redis.ts'

/** The longest time of a lock in the workload: a server that was restarted abstains not a millisecond more than is needed. */
const RESTART_DELAY_MS = 1500

/** What differs between kinds of five servers. */
export interface RedlockModelOptions extends SimulatedRedisOptions, Pick<RedlockOptions, 'restartDelay'> {
  readonly kinds: ServerFaults['kinds']
  readonly promises: BackendModel['promises']
}

/** Independent servers with some faults, and the promises that survive them. */
export function redlockModel(
  name: string,
  { kinds, promises, restartDelay = RESTART_DELAY_MS, ...server }: RedlockModelOptions,
): BackendModel {
  return {
    name,
    servers: 5,
    // Many are started again one after the other, and abstain: there are runs almost without a majority.
    leastOk: 0,
    promises,
    settings: drawClientSettings,
    server: (place) => startRedis(place, server),
    client: (place) => {
      const { clock, random } = place.node.host
      const clients = place.run.state.servers.map((id) =>
        simulatedRedisClient(place, id, place.run.state.settings),
      )
      return redlockBackend(clients, { clock, random: random.fork('redlock'), restartDelay })
    },
    faults: (random, servers, durationMs) => serverFaults({ random, servers, durationMs, kinds, maxDown: 2 }),
    leftovers: (run) => run.state.servers.flatMap((server) => keysOf({ run }, server)),
  }
}

const EVERYTHING: ServerFaults['kinds'] = ['crash', 'blackout', 'pause', 'clock', 'timers', 'loop']

/** Servers that come back empty, two at once and others soon after, and whose clocks drift as far as leases allow for: locks of a majority are exclusive all the same. */
export const redlockOfFive: BackendModel = redlockModel('lock-redlock', {
  kinds: EVERYTHING,
  promises: { exclusion: true, tokens: false },
  persists: false,
})
