import { showValue } from '@colony/host'
import { invalidOption } from '../runtime/options.ts'
import type { RedisClient } from './clients.ts'
import { IoRedisServer } from './ioredis-server.ts'
import { NodeRedisServer } from './node-redis-server.ts'
import type { RedisServer } from './redis-server.ts'

/**
 * A client of `ioredis` or of `redis` as the backends speak to it; what is one already stays as it is.
 * @throws A `LockError` with code `LOCK_INVALID_OPTION`.
 * @category Redis
 */
export function redisServer(client: RedisClient | RedisServer): RedisServer {
  if (typeof client === 'object' && client !== null) {
    // By what each of them alone has; subclasses and wrappers have it, too.
    if ('run' in client && 'currentRun' in client) return client
    if ('evalSha' in client) return new NodeRedisServer(client)
    if ('evalsha' in client) return new IoRedisServer(client)
  }
  throw invalidOption(`a client is one of ioredis or redis, not ${showValue(client)}`)
}
