/**
 * What a server answers a script.
 * @category Redis
 */
export type RedisReply = string | number | null | readonly RedisReply[]

/**
 * A Lua script, and the hash by which servers know it.
 * @category Redis
 */
export interface RedisScript {
  /** For messages, and for whoever plays a server. */
  readonly name: string
  /** Lua. */
  readonly source: string
  /** SHA-1 of the source, in hexadecimal digits. */
  readonly sha1: string
}

/**
 * One run of a server, from its start to its end: a server that was restarted may have forgotten its keys.
 * @category Redis
 */
export interface RedisRun {
  /** Another one for each run. */
  readonly runId: string
  /** Milliseconds since its start, on its own clock. */
  readonly uptimeMs: number
}

/**
 * One Redis server, or a Cluster, as the backends speak to it, whichever client is behind it. Everything that is asked for in one turn of the event loop goes out
 * together.
 * @category Redis
 */
export interface RedisServer {
  /** Whether keys of one script have to share a slot. */
  readonly isCluster: boolean
  /** Runs a script; one that the server does not know yet is sent along. Rejects with what the client throws. Whether it ran is not known then. */
  run(script: RedisScript, keys: readonly string[], args: readonly string[]): Promise<RedisReply>
  /**
   * The same if the server knows the script already; if it does not, nothing happens, and the answer is `undefined`. A server that was restarted knows none: in one step
   * with its effect, a script finds out that the server is still the run that it was sent to.
   */
  runIfKnown(
    script: RedisScript,
    keys: readonly string[],
    args: readonly string[],
  ): Promise<RedisReply | undefined>
  /** Hears messages of a channel until disposed of. Subscribing costs a connection of its own, the first time. */
  listen(channel: string, listener: (message: string) => void): Promise<Disposable>
  /** Which run of the server this is. */
  currentRun(): Promise<RedisRun>
  /** Ends what it opened itself. The client stays its maker's. Idempotent. */
  close(): Promise<void>
}
