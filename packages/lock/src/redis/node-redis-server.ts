/// <reference lib="esnext.disposable" preserve="true" />
import { LockError } from '../errors.ts'
import type { NodeRedisClient } from './clients.ts'
import { isUnknownScript } from './ioredis-server.ts'
import { parseRun } from './redis-run.ts'
import type { RedisReply, RedisRun, RedisScript, RedisServer } from './redis-server.ts'
import { type Hear, ignore, type Subscriber, Subscriptions } from './subscriptions.ts'

/** A client or a cluster of the package `redis`, which sends the commands of one turn together by itself. */
export class NodeRedisServer implements RedisServer {
  readonly isCluster: boolean
  readonly #client: NodeRedisClient
  readonly #subscriptions: Subscriptions

  constructor(client: NodeRedisClient) {
    this.#client = client
    this.isCluster = client.slots !== undefined
    this.#subscriptions = new Subscriptions(async (hear) =>
      this.isCluster ? clusterSubscriber(client, hear) : await duplicateOf(client, hear),
    )
  }

  run(script: RedisScript, keys: readonly string[], args: readonly string[]): Promise<RedisReply> {
    // The client does not write into them: a copy would be for its types alone.
    const options = { keys: keys as string[], arguments: args as string[] }
    return this.#client.evalSha(script.sha1, options).catch((error: unknown) => {
      if (isUnknownScript(error)) return this.#client.eval(script.source, options)
      throw error
    }) as Promise<RedisReply>
  }

  runIfKnown(
    script: RedisScript,
    keys: readonly string[],
    args: readonly string[],
  ): Promise<RedisReply | undefined> {
    const options = { keys: keys as string[], arguments: args as string[] }
    return this.#client.evalSha(script.sha1, options).catch((error: unknown) => {
      if (isUnknownScript(error)) return undefined
      throw error
    }) as Promise<RedisReply | undefined>
  }

  listen(channel: string, listener: (message: string) => void): Promise<Disposable> {
    return this.#subscriptions.listen(channel, listener)
  }

  async currentRun(): Promise<RedisRun> {
    if (this.#client.info === undefined) {
      throw new LockError('LOCK_INVALID_OPTION', 'a cluster is not one server: it has no run')
    }
    return parseRun(String(await this.#client.info('server')))
  }

  close(): Promise<void> {
    return this.#subscriptions.close()
  }
}

function clusterSubscriber(client: NodeRedisClient, hear: Hear): Subscriber {
  return {
    subscribe: (channel) => client.subscribe(channel, (message) => hear(channel, message)),
    unsubscribe: (channel) => client.unsubscribe(channel),
    end: ignore,
  }
}

async function duplicateOf(client: NodeRedisClient, hear: Hear): Promise<Subscriber> {
  const connection = client.duplicate()
  // It connects again by itself, and subscribes to what it was subscribed to.
  connection.on('error', ignore)
  await connection.connect()
  return {
    subscribe: (channel) => connection.subscribe(channel, (message) => hear(channel, message)),
    unsubscribe: (channel) => connection.unsubscribe(channel),
    end: () => {
      if (connection.destroy === undefined) void connection.disconnect().then(ignore, ignore)
      else connection.destroy()
    },
  }
}
