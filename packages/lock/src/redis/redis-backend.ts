import type { Grant, GrantRequest, LockBackend, NotGranted } from '../backend.ts'
import { invalidOption } from '../runtime/options.ts'
import { unguessable } from '../runtime/unguessable.ts'
import { askUntilGranted } from '../runtime/waiting.ts'
import type { RedisClient } from './clients.ts'
import { requireOneSlot } from './lock-keys.ts'
import { ACQUIRE_MUTEXES, EXTEND, RELEASE_MUTEXES } from './lock-scripts.ts'
import { RedisCalls, unexpectedReply } from './redis-calls.ts'
import { type RedisBackendOptions, type ResolvedRedisOptions, resolveRedisOptions } from './redis-options.ts'
import { RedisRequest, type RedisRequests } from './redis-request.ts'
import type { RedisServer } from './redis-server.ts'
import { RedisValues } from './redis-values.ts'
import { ScriptBatch } from './script-batch.ts'
import { redisServer } from './server-of-client.ts'
import { WakeUps } from './wake-ups.ts'

/**
 * What locks on one Redis server, or on a Cluster, can do.
 * @category Redis
 */
export interface RedisCapabilities {
  /** Tokens that grow with every grant of a key. */
  readonly fencing: true
  /** Readers and writers. */
  readonly shared: true
  /** Counting semaphores. */
  readonly semaphore: true
  /** No owners: nobody sees who waits for whom across the keys. */
  readonly owners: false
  /** Values with versions. */
  readonly values: true
}

/**
 * Locks on one Redis server, or on a Cluster: `ioredis` 5 or 6, or `redis` 4 to 6. Needs Redis 5 or newer.
 *
 * Waiters of a key are served first come first served; whoever is next is told, and nobody else. Each grant's token comes out of the same script as the lock itself. Exclusion holds as long as the server
 * keeps its data and its clock is not set forward: a restart without `appendfsync always`, an eviction, or a failover to a replica that has not seen the lock
 * may grant it twice, and then the tokens are what tells the holders apart.
 * @param client A client that is connected. It stays yours: `close` ends only the connection that was opened for messages.
 * @throws A `LockError` with code `LOCK_INVALID_OPTION`.
 * @category Redis
 */
export function redisBackend(
  client: RedisClient | RedisServer,
  options: RedisBackendOptions = {},
): LockBackend<RedisCapabilities> {
  return new RedisBackend(redisServer(client), resolveRedisOptions(options))
}

/** How often what may have been left is given back before its lease has to end it, and the pause before the second time; it doubles. */
const UNDO_ATTEMPTS = 4
const UNDO_PAUSE_MS = 250

/** How many mutexes one script is asked for at the most: about half a millisecond of a server that does one thing at a time. */
const BATCH = 100

class RedisBackend implements LockBackend<RedisCapabilities> {
  readonly name = 'redis'
  readonly capabilities: RedisCapabilities = {
    fencing: true,
    shared: true,
    semaphore: true,
    owners: false,
    values: true,
  }
  readonly values: RedisValues
  readonly #server: RedisServer
  readonly #calls: RedisCalls
  readonly #shared: RedisRequests
  readonly #process: string
  #lastNumber = 0
  #closed = false

  constructor(server: RedisServer, options: ResolvedRedisOptions) {
    const { clock, random, prefix, timeoutMs, pollMs } = options
    this.#server = server
    this.#process = unguessable(random)
    this.#calls = new RedisCalls(server, clock, timeoutMs)
    this.values = new RedisValues(this.#calls, prefix)
    const wakeUps = new WakeUps(server, `${prefix}wake:${this.#process}`)
    const limit = server.isCluster ? 1 : BATCH
    this.#shared = {
      ...{ calls: this.#calls, wakeUps, clock, random, prefix, pollMs },
      acquires: new ScriptBatch(clock, this.#calls, ACQUIRE_MUTEXES, [wakeUps.channel], limit),
      releases: new ScriptBatch(clock, this.#calls, RELEASE_MUTEXES, [], limit),
      // Asked for again after a pause at the latest, which may take as long as an answer may.
      placeMs: 2 * pollMs + timeoutMs,
      giveBack: (request) => void this.#giveBack(request, UNDO_ATTEMPTS),
    }
  }

  acquire(request: GrantRequest): Promise<Grant | NotGranted> {
    const asking = new RedisRequest(`${this.#process}:${++this.#lastNumber}`, request, this.#shared)
    if (request.ttlMs === Number.POSITIVE_INFINITY) {
      throw invalidOption('a lock on Redis needs a ttl: a lease that does not end would outlive its holder')
    }
    if (this.#server.isCluster) {
      requireOneSlot(request.claims.map(({ key }) => this.#shared.prefix + key))
    }
    return askUntilGranted(request, asking)
  }

  async extend(grant: Grant, ttlMs: number): Promise<number | undefined> {
    const { id, keys, claims } = grant as RedisRequest
    const startedAt = this.#shared.clock.now()
    const reply = await this.#calls.run(EXTEND, keys, [id, String(Math.ceil(ttlMs)), ...claims])
    if (reply === 1) return startedAt
    if (reply !== 0) throw unexpectedReply(EXTEND, reply)
    // Of several keys, some may be there still.
    if (claims.length > 1) this.#shared.giveBack(grant as RedisRequest)
    return undefined
  }

  release(grant: Grant): Promise<boolean> {
    return (grant as RedisRequest).release()
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#shared.wakeUps.close()
    await this.#server.close()
  }

  /** Never rejects. What cannot be given back ends with its lease. */
  async #giveBack(request: RedisRequest, attempts: number): Promise<void> {
    try {
      await request.release()
    } catch {
      if (attempts === 1 || this.#closed) return
      const pauseMs = UNDO_PAUSE_MS * 2 ** (UNDO_ATTEMPTS - attempts)
      this.#shared.clock.after(pauseMs, () => void this.#giveBack(request, attempts - 1))
    }
  }
}
