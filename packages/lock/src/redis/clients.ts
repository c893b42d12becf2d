/**
 * What is used of a client of the package `ioredis` (5 and 6), a `Redis` or a `Cluster`.
 * @category Redis
 */
export interface IoRedisClient {
  /** Whether it is a `Cluster`. */
  readonly isCluster: boolean
  /** Its options. */
  readonly options: {
    /** Whether it sends the commands of one turn together itself. */
    readonly enableAutoPipelining?: boolean | undefined
  }
  /** EVALSHA. */
  evalsha(sha1: string, numberOfKeys: number, ...keysAndArgs: string[]): Promise<unknown>
  /** EVAL. */
  eval(source: string, numberOfKeys: number, ...keysAndArgs: string[]): Promise<unknown>
  /** INFO. */
  info(section: string): Promise<string>
  /** Several commands that are sent together. */
  pipeline(): IoRedisPipeline
  /** Another connection with the same options. */
  duplicate(): IoRedisSubscriber
  /** Subscribes; a `Cluster` has a connection of its own for it. */
  subscribe(channel: string): Promise<unknown>
  /** Unsubscribes. */
  unsubscribe(channel: string): Promise<unknown>
  /** Hears messages. */
  on(event: 'message', listener: (channel: string, message: string) => void): unknown
  /** Hears them no more. */
  off(event: 'message', listener: (channel: string, message: string) => void): unknown
}

/**
 * What is used of a pipeline of ioredis.
 * @category Redis
 */
export interface IoRedisPipeline {
  /** Adds EVALSHA. */
  evalsha(sha1: string, numberOfKeys: number, ...keysAndArgs: string[]): unknown
  /** Sends all; an error or a reply for each. */
  exec(): Promise<readonly (readonly [error: Error | null, reply: unknown])[] | null>
}

/**
 * What is used of the second connection of ioredis, which only listens.
 * @category Redis
 */
export interface IoRedisSubscriber {
  /** Subscribes. */
  subscribe(channel: string): Promise<unknown>
  /** Unsubscribes. */
  unsubscribe(channel: string): Promise<unknown>
  /** Hears messages. */
  on(event: 'message', listener: (channel: string, message: string) => void): unknown
  /** Hears of trouble. */
  on(event: 'error', listener: (error: Error) => void): unknown
  /** Ends the connection. */
  disconnect(): unknown
}

/**
 * What is used of a client of the package `redis` (4 to 6), of `createClient` or of `createCluster`, once it is connected.
 * @category Redis
 */
export interface NodeRedisClient {
  /** EVALSHA. */
  evalSha(sha1: string, options: NodeRedisEval): Promise<unknown>
  /** EVAL. */
  eval(source: string, options: NodeRedisEval): Promise<unknown>
  /** INFO; a cluster has none. */
  readonly info?: (section: string) => Promise<unknown>
  /** Only a cluster has slots. */
  readonly slots?: unknown
  /** Another connection with the same options. */
  duplicate(): NodeRedisSubscriber
  /** Subscribes; a cluster has a connection of its own for it. */
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>
  /** Unsubscribes. */
  unsubscribe(channel: string): Promise<unknown>
}

/**
 * Keys and arguments of a script, as `redis` takes them.
 * @category Redis
 */
export interface NodeRedisEval {
  /** `KEYS`. */
  keys: string[]
  /** `ARGV`. */
  arguments: string[]
}

/**
 * What is used of the second connection of `redis`, which only listens.
 * @category Redis
 */
export interface NodeRedisSubscriber {
  /** Connects. */
  connect(): Promise<unknown>
  /** Subscribes. */
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>
  /** Unsubscribes. */
  unsubscribe(channel: string): Promise<unknown>
  /** Hears of trouble: without a listener, it would end the process. */
  on(event: 'error', listener: (error: Error) => void): unknown
  /** Ends the connection, before version 5. */
  disconnect(): Promise<unknown>
  /** Ends the connection, from version 5 on. */
  readonly destroy?: () => void
}

/**
 * A client that is connected to a Redis server or to a Cluster.
 * @category Redis
 */
export type RedisClient = IoRedisClient | NodeRedisClient
