import { Cluster, Redis } from 'ioredis'
import { Redis as Redis6 } from 'ioredis-6'
import { createClient, createCluster } from 'redis'
import { createClient as createClient4, createCluster as createCluster4 } from 'redis-4'
import { createClient as createClient6, createCluster as createCluster6 } from 'redis-6'
import type { RedisClient } from '../../src/redis/index.ts'
import type { RedisProcess } from '../servers/redis.ts'

/** A client of some package, and how it ends. */
export interface TestClient extends AsyncDisposable {
  readonly client: RedisClient
}

/** Every client that is accepted, by its name for a test. */
export const CLIENTS: Readonly<Record<string, (server: RedisProcess) => Promise<TestClient>>> = {
  'ioredis 5': async ({ port }) => ioredis(new Redis(port, { maxRetriesPerRequest: 1 })),
  'ioredis 6': async ({ port }) => ioredis(new Redis6(port, { maxRetriesPerRequest: 1 })),
  'redis 4': async ({ url }) => await nodeRedis(createClient4({ url })),
  'redis 5': async ({ url }) => await nodeRedis(createClient({ url })),
  'redis 6': async ({ url }) => await nodeRedis(createClient6({ url })),
}

/** The same for a Cluster. */
export const CLUSTER_CLIENTS: Readonly<Record<string, (server: RedisProcess) => Promise<TestClient>>> = {
  'Cluster of ioredis 5': async ({ port }) => ioredis(new Cluster([{ host: '127.0.0.1', port }])),
  'cluster of redis 4': async ({ url }) => await nodeRedis(createCluster4({ rootNodes: [{ url }] })),
  'cluster of redis 5': async ({ url }) => await nodeRedis(createCluster({ rootNodes: [{ url }] })),
  'cluster of redis 6': async ({ url }) => await nodeRedis(createCluster6({ rootNodes: [{ url }] })),
}

function ioredis(
  client: RedisClient & { disconnect(): void; on(event: 'error', listener: () => void): unknown },
): TestClient {
  client.on('error', () => {})
  return { client, [Symbol.asyncDispose]: async () => client.disconnect() }
}

async function nodeRedis(
  client: RedisClient & {
    connect(): Promise<unknown>
    disconnect(): Promise<unknown>
    on(event: 'error', listener: () => void): unknown
  },
): Promise<TestClient> {
  client.on('error', () => {})
  await client.connect()
  return { client, [Symbol.asyncDispose]: async () => void (await client.disconnect().catch(() => {})) }
}
