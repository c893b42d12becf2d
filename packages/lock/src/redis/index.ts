/**
 * Locks on one Redis server, on a Cluster, and by a majority of independent servers.
 * @module redis
 */
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
