/// <reference lib="esnext.disposable" preserve="true" />
import type { IoRedisClient } from './clients.ts'
import { parseRun } from './redis-run.ts'
import type { RedisReply, RedisRun, RedisScript, RedisServer } from './redis-server.ts'
import { type Hear, ignore, type Subscriber, Subscriptions } from './subscriptions.ts'

/** A script that is about to be sent. */
interface Call {
  readonly script: RedisScript
  readonly keyCount: number
  readonly keysAndArgs: readonly string[]
  /** Whether a script that the server does not know is not to be sent along. */
  readonly onlyIfKnown: boolean
  readonly resolve: (reply: RedisReply | undefined) => void
  readonly reject: (error: unknown) => void
}

/**
 * A `Redis` or a `Cluster` of ioredis. It writes each command to the socket at once: what is asked for in one turn goes into a pipeline here, unless the
 * client sees to that itself. The keys of a Cluster's pipeline would have to share a server, so there is none.
 */
export class IoRedisServer implements RedisServer {
  readonly isCluster: boolean
  readonly #client: IoRedisClient
  readonly #batches: boolean
  readonly #subscriptions: Subscriptions
  #calls: Call[] = []
  readonly #onTurn = (): void => this.#flush()

  constructor(client: IoRedisClient) {
    this.#client = client
    this.isCluster = client.isCluster
    this.#batches = !client.isCluster && client.options.enableAutoPipelining !== true
    this.#subscriptions = new Subscriptions(async (hear) =>
      client.isCluster ? clusterSubscriber(client, hear) : duplicateOf(client, hear),
    )
  }

  run(script: RedisScript, keys: readonly string[], args: readonly string[]): Promise<RedisReply> {
    return this.#call(script, keys, args, false) as Promise<RedisReply>
  }

  runIfKnown(
    script: RedisScript,
    keys: readonly string[],
    args: readonly string[],
  ): Promise<RedisReply | undefined> {
    return this.#call(script, keys, args, true)
  }

  #call(
    script: RedisScript,
    keys: readonly string[],
    args: readonly string[],
    onlyIfKnown: boolean,
  ): Promise<RedisReply | undefined> {
    return new Promise((resolve, reject) => {
      const keysAndArgs = [...keys, ...args]
      const call = { script, keyCount: keys.length, keysAndArgs, onlyIfKnown, resolve, reject }
      if (!this.#batches) return this.#send(call)
      this.#calls.push(call)
      if (this.#calls.length === 1) queueMicrotask(this.#onTurn)
    })
  }

  listen(channel: string, listener: (message: string) => void): Promise<Disposable> {
    return this.#subscriptions.listen(channel, listener)
  }

  async currentRun(): Promise<RedisRun> {
    return parseRun(await this.#client.info('server'))
  }

  close(): Promise<void> {
    return this.#subscriptions.close()
  }

  #flush(): void {
    const calls = this.#calls
    this.#calls = []
    const [first] = calls
    if (first !== undefined && calls.length === 1) return this.#send(first)
    const pipeline = this.#client.pipeline()
    for (const { script, keyCount, keysAndArgs } of calls) {
      pipeline.evalsha(script.sha1, keyCount, ...keysAndArgs)
    }
    pipeline.exec().then(
      (answers) => this.#answered(calls, answers),
      (error: unknown) => {
        for (const { reject } of calls) reject(error)
      },
    )
  }

  #answered(
    calls: readonly Call[],
    answers: readonly (readonly [error: Error | null, reply: unknown])[] | null,
  ): void {
    for (const [index, call] of calls.entries()) {
      const answer = answers?.[index]
      if (answer === undefined) call.reject(new Error('the pipeline was dropped'))
      else if (answer[0] === null) call.resolve(answer[1] as RedisReply)
      else this.#failed(call, answer[0])
    }
  }

  #send(call: Call): void {
    const { script, keyCount, keysAndArgs, resolve } = call
    this.#client.evalsha(script.sha1, keyCount, ...keysAndArgs).then(
      (reply) => resolve(reply as RedisReply),
      (error: unknown) => this.#failed(call, error),
    )
  }

  #failed({ script, keyCount, keysAndArgs, onlyIfKnown, resolve, reject }: Call, error: unknown): void {
    if (!isUnknownScript(error)) return reject(error)
    if (onlyIfKnown) return resolve(undefined)
    this.#client
      .eval(script.source, keyCount, ...keysAndArgs)
      .then((reply) => resolve(reply as RedisReply), reject)
  }
}

/** Whether a server says that it does not know the script: then nothing has happened, and it can be sent again. */
export function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT')
}

function duplicateOf(client: IoRedisClient, hear: Hear): Subscriber {
  const connection = client.duplicate()
  // It connects again by itself, and subscribes to what it was subscribed to.
  connection.on('error', ignore)
  connection.on('message', hear)
  return {
    subscribe: (channel) => connection.subscribe(channel),
    unsubscribe: (channel) => connection.unsubscribe(channel),
    end: () => void connection.disconnect(),
  }
}

function clusterSubscriber(client: IoRedisClient, hear: Hear): Subscriber {
  client.on('message', hear)
  return {
    subscribe: (channel) => client.subscribe(channel),
    unsubscribe: (channel) => client.unsubscribe(channel),
    end: () => void client.off('message', hear),
  }
}
