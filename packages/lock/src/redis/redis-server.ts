/**
 * What a server answers a script.
 * @category Redis
 */
export type RedisReply = string | number | null | readonly RedisReply[]

/** A Lua script, and the hash by which servers know it (SHA-1 of its source, in hexadecimal digits). */
export interface RedisScript {
  /** For messages, and for whoever plays a server. */
  readonly name: string
  readonly source: string
  readonly sha1: string
}

/** One run of a server, from its start to its end: a server that was restarted may have forgotten its keys. */
export interface RedisRun {
  readonly runId: string
  /** Milliseconds since its start, on its own clock. */
  readonly uptimeMs: number
}

/**
 * One Redis server, or a Cluster, as the backends speak to it, whichever client is behind it. Everything that is asked for in one turn of the event loop goes out
 * together.
 */
export interface RedisServer {
  /** Whether keys of one script have to share a slot. */
  readonly isCluster: boolean
  /** Runs a script; one that the server does not know yet is sent along. Rejects with what the client throws. Whether it ran is not known then. */
  run(script: RedisScript, keys: readonly string[], args: readonly string[]): Promise<RedisReply>
  /** Hears messages of a channel until disposed of. Subscribing costs a connection of its own, the first time. */
  listen(channel: string, listener: (message: string) => void): Promise<Disposable>
  /** Which run of the server this is. */
  currentRun(): Promise<RedisRun>
  /** Ends what it opened itself. The client stays its maker's. Idempotent. */
  close(): Promise<void>
}
