/**
 * Locks on one Redis server, on a Cluster, and by a majority of independent servers.
 * @module redis
 */
export { redisBackend, type RedisCapabilities } from './redis-backend.ts'
export type { RedisBackendOptions } from './redis-options.ts'
export { redlockBackend, type RedlockCapabilities } from './redlock/redlock-backend.ts'
export type { RedlockOptions } from './redlock/options.ts'
export { fencedKey, type FencedKey, type FencedKeyOptions } from './redis-fence.ts'
export { redisServer } from './server-of-client.ts'
export type {
  IoRedisClient,
  IoRedisPipeline,
  IoRedisSubscriber,
  NodeRedisClient,
  NodeRedisEval,
  NodeRedisSubscriber,
  RedisClient,
} from './clients.ts'
export type { RedisReply, RedisRun, RedisScript, RedisServer } from './redis-server.ts'
