import {
  type Clock,
  type Random,
  requireDuration,
  requireMethods,
  requireName,
  systemClock,
  systemRandom,
} from '@colony/host'
import type { Grant, GrantRequest, LockBackend, NotGranted } from '../backend.ts'
import { Deadlines } from '../runtime/deadlines.ts'
import { invalidOption } from '../runtime/options.ts'
import { askUntilGranted } from '../runtime/waiting.ts'
import { withDeadline } from './deadline.ts'
import type { EtcdClient, EtcdCompare, EtcdOperation } from './etcd-client.ts'
import { EtcdLock } from './etcd-lock.ts'
import { EtcdValues } from './etcd-values.ts'
import { Layout } from './layout.ts'
import { type EtcdParts, QueuePlace } from './queue-place.ts'
import { leaseSeconds, Sessions } from './sessions.ts'
import { Watches } from './watches.ts'

/**
 * What {@link etcdBackend} takes besides a client.
 * @category Etcd
 */
export interface EtcdBackendOptions {
  /** What all keys in etcd begin with: 1 to 255 bytes. Locks exclude each other if this is the same. Default: `'colony/'`. */
  readonly prefix?: string
  /** How long to wait for an answer of etcd, in milliseconds: 10 to 60 000. Default: 3000. */
  readonly requestTimeout?: number
  /** How long somebody who waits goes without looking, in milliseconds, in case that the watch that should tell has failed: 100 to 600 000. Default: 5000. */
  readonly pollInterval?: number
  /** Monotonic time. Default: the system's. */
  readonly clock?: Clock
  /** For jitter. Default: the system's. */
  readonly random?: Random
}

/**
 * What locks on etcd can do.
 * @category Etcd
 */
export interface EtcdCapabilities {
  /** Tokens are revisions of the store. */
  readonly fencing: true
  /** Readers and writers. */
  readonly shared: true
  /** Counting semaphores. */
  readonly semaphore: true
  /** etcd knows no owners. */
  readonly owners: false
  /** Versioned values. */
  readonly values: true
}

/**
 * Locks on etcd. Each request has a place in a queue, on a lease that all locks of this backend with about the same `ttl` share; whoever is first has the lock, and who waits watches the
 * one before. The fencing token is the revision at which the place was made: writes to etcd itself can name it (`create_revision`) and are checked in the same transaction.
 *
 * A lock whose holder has died is free after one and a half times its `ttl`, and two seconds at the earliest: etcd knows no shorter leases. One that was given back, or whose time is over while its process lives, is free at once.
 * @throws A `LockError` with code `LOCK_INVALID_OPTION`. Its locks, with `LOCK_NO_ANSWER`, or what the client throws: an {@link EtcdError} with {@link etcdGateway}.
 * @category Etcd
 */
export function etcdBackend(
  client: EtcdClient,
  options: EtcdBackendOptions = {},
): LockBackend<EtcdCapabilities> {
  requireMethods(invalidOption, 'client', client, [
    'txn',
    'grantLease',
    'keepAlive',
    'revokeLease',
    'watchDeletes',
  ])
  const { prefix = 'colony/', requestTimeout = 3000, pollInterval = 5000 } = options
  return new EtcdBackend(client, {
    prefix: requireName(invalidOption, 'prefix', prefix),
    timeoutMs: requireDuration(invalidOption, 'requestTimeout', requestTimeout, 10, 60_000),
    pollMs: requireDuration(invalidOption, 'pollInterval', pollInterval, 100, 600_000),
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom(),
  })
}

interface Resolved {
  readonly prefix: string
  readonly timeoutMs: number
  readonly pollMs: number
  readonly clock: Clock
  readonly random: Random
}

class EtcdBackend implements LockBackend<EtcdCapabilities> {
  readonly name = 'etcd'
  readonly capabilities: EtcdCapabilities = {
    fencing: true,
    shared: true,
    semaphore: true,
    owners: false,
    values: true,
  }
  readonly values: EtcdValues
  readonly #options: Resolved
  readonly #parts: EtcdParts
  readonly #deadlines: Deadlines

  constructor(client: EtcdClient, options: Resolved) {
    const { clock, timeoutMs, prefix } = options
    this.#options = options
    this.#deadlines = new Deadlines(clock)
    const shared = { client, clock, timeoutMs }
    this.#parts = {
      ...shared,
      layout: new Layout(prefix),
      sessions: new Sessions(shared),
      watches: new Watches(client, clock),
    }
    this.values = new EtcdValues(this.#parts)
  }

  async acquire(request: GrantRequest): Promise<Grant | NotGranted> {
    checkFinite(request.ttlMs)
    const { clock, random, pollMs } = this.#options
    const place = new QueuePlace(
      this.#parts,
      request,
      (places, startedAt) => new EtcdLock(places, startedAt, request, this.#deadlines),
    )
    return await askUntilGranted(request, {
      ...{ clock, random, pauseMs: pollMs, longestPauseMs: pollMs },
      attempt: () => place.ask(),
      undo: () => place.leave(),
      onWake: (wake) => place.onWake(wake),
    })
  }

  async extend(grant: Grant, ttlMs: number): Promise<number | undefined> {
    checkFinite(ttlMs)
    const lock = grant as EtcdLock
    if (lock.isOver) return undefined
    const { sessions, clock } = this.#parts
    const before = lock.session
    const fits = before.ttlSeconds >= leaseSeconds(ttlMs) && (await before.cover(ttlMs))
    const session = fits ? before : await sessions.covering(ttlMs)
    if (lock.isOver) return undefined
    // Until it is known on which lease the places are, both are kept alive for them.
    lock.use(session)
    const sentAt = clock.now()
    const isThere = await this.#confirm(lock, session === before ? undefined : session.lease)
    if (!isThere) lock.abandon()
    if (lock.isOver) return undefined
    lock.settle()
    const startedAt = session.startOf(sentAt, ttlMs)
    lock.runUntil(startedAt, ttlMs)
    return startedAt
  }

  async release(grant: Grant): Promise<boolean> {
    const lock = grant as EtcdLock
    if (!lock.end()) return false
    const { session, names } = lock
    try {
      return (await session.delete(names)) === names.length
    } finally {
      lock.letGo()
    }
  }

  async close(): Promise<void> {
    this.#parts.sessions.close()
  }

  /** Whether all places are there still; they are put on another lease where one is given. */
  async #confirm({ names, token }: EtcdLock, lease: string | undefined): Promise<boolean> {
    const { client, clock, timeoutMs } = this.#parts
    const compare = names.map((key): EtcdCompare => ({ key, target: 'create', revision: token }))
    const success =
      lease === undefined ? [] : names.map((key): EtcdOperation => ({ type: 'put', key, lease }))
    const reply = await withDeadline(clock, timeoutMs, (signal) => client.txn({ compare, success }, signal))
    return reply.succeeded
  }
}

function checkFinite(ttlMs: number): void {
  if (ttlMs === Number.POSITIVE_INFINITY) throw invalidOption('a lock on etcd has a ttl that is finite')
}
