import { showValue } from '@colony/host'
import type { Grant, GrantRequest, LockBackend, NotGranted } from '../../backend.ts'
import { LockError } from '../../errors.ts'
import { Deadlines } from '../../runtime/deadlines.ts'
import { invalidOption } from '../../runtime/options.ts'
import { unguessable } from '../../runtime/unguessable.ts'
import { askUntilGranted } from '../../runtime/waiting.ts'
import type { RedisClient } from '../clients.ts'
import type { RedisServer } from '../redis-server.ts'
import { redisServer } from '../server-of-client.ts'
import {
  nodeTimeoutOf,
  type RedlockOptions,
  resolveRedlockOptions,
  type ResolvedRedlockOptions,
} from './options.ts'
import { RedlockGrant } from './redlock-grant.ts'
import { Round } from './round.ts'
import { RunGuard, type Runs } from './run-guard.ts'
import { Timers } from './timers.ts'
import { Voter } from './voter.ts'

/**
 * What locks by a majority of independent servers can do: exclude, several keys at once, and nothing else. Tokens, readers and semaphores would not be safe.
 * @category Redis
 */
export interface RedlockCapabilities {
  /** Random values have no order. */
  readonly fencing: false
  /** Two votes for different readers are no vote for both. */
  readonly shared: false
  /** Majorities overlap in one server, and a permit is counted on each. */
  readonly semaphore: false
  /** Servers that do not know each other have no common wait-for graph. */
  readonly owners: false
  /** No linearizable values either. */
  readonly values: false
}

/**
 * Locks by a majority of independent Redis servers ("Redlock"). The same keys exclude npm `redlock` 4 and 5, and are excluded by it; with the option `dialect` `redis-semaphore`'s `Mutex`.
 *
 * A lock is had when a majority has voted for it and most of its time is left; what votes there were otherwise are given back before the next attempt, those whose answer was lost too. Servers that
 * were restarted abstain for `restartDelay`. Waiting is asking again, with full jitter: nobody queues.
 * @param clients One for each server, of `ioredis` or `redis`, in any order; 1 to 99. They stay yours: closing the backend closes none. An even number is allowed, and bears no more failures than one
 *   less.
 * @throws A `LockError` with code `LOCK_INVALID_OPTION`.
 * @category Redis
 */
export function redlockBackend(
  clients: readonly (RedisClient | RedisServer)[],
  options: RedlockOptions = {},
): LockBackend<RedlockCapabilities> {
  if (!Array.isArray(clients) || clients.length === 0 || clients.length > MOST_SERVERS) {
    throw invalidOption(`clients are an array of 1 to ${MOST_SERVERS}, not ${showValue(clients)}`)
  }
  if (new Set(clients).size < clients.length) throw invalidOption('a client is there twice: it has one vote')
  return new RedlockBackend(
    clients.map((client: RedisClient | RedisServer) => redisServer(client)),
    resolveRedlockOptions(options),
  )
}

const MOST_SERVERS = 99
/** Servers tell their age in whole seconds: they may be thought so much younger than they are. */
const AGE_ERROR_MS = 2000
const BUSY: NotGranted = { refused: 'busy' }

/** What one acquisition knows from its attempts before. */
interface Asking {
  readonly keys: readonly string[]
  readonly ttlMs: number
  grant: RedlockGrant | undefined
  /** Why there was no majority the last time, if that was the reason. */
  trouble: LockError | undefined
  /** Since when there is none. */
  troubleSince: number
}

class RedlockBackend implements LockBackend<RedlockCapabilities> {
  readonly name = 'redlock'
  readonly capabilities: RedlockCapabilities = {
    fencing: false,
    shared: false,
    semaphore: false,
    owners: false,
    values: false,
  }
  readonly #servers: readonly RedisServer[]
  readonly #voters: readonly Voter[]
  readonly #options: ResolvedRedlockOptions
  readonly #deadlines: Deadlines
  readonly #timers: Timers

  constructor(servers: readonly RedisServer[], options: ResolvedRedlockOptions) {
    const { clock, observer, restartDelay } = options
    const runs: Runs = new Map()
    const timers = new Timers(clock)
    this.#servers = servers
    this.#options = options
    this.#timers = timers
    this.#deadlines = new Deadlines(clock)
    this.#voters = servers.map((server, index) => {
      const guard = new RunGuard(server, clock, restartDelay, runs)
      return new Voter({ server, guard, clock, timers, observer, index })
    })
  }

  async acquire({ claims, ttlMs, ...rest }: GrantRequest): Promise<Grant | NotGranted> {
    this.#requireTtl(ttlMs)
    const { clock, random, retryDelay, longestRetryDelay, keyPrefix } = this.#options
    const keys = claims.map(({ key }) => keyPrefix + key)
    const asking: Asking = { keys, ttlMs, grant: undefined, trouble: undefined, troubleSince: clock.now() }
    const answer = await askUntilGranted(
      { claims, ttlMs, ...rest },
      {
        ...{ clock, random, pauseMs: retryDelay, longestPauseMs: longestRetryDelay },
        attempt: () => this.#attempt(asking),
        undo: () => asking.grant?.giveBack(),
      },
    )
    // "Somebody has it" would be a lie about servers that could not vote.
    if ('refused' in answer && asking.trouble !== undefined) throw asking.trouble
    return answer
  }

  async extend(granted: Grant, ttlMs: number): Promise<number | undefined> {
    this.#requireTtl(ttlMs)
    const grant = granted as RedlockGrant
    const { clock } = this.#options
    if (grant.isEnded) return undefined
    const startedAt = clock.now()
    const { validUntil } = grant
    const round = this.#round(grant, ttlMs)
    let plant = false
    const missing: (() => void)[] = []
    for (const vote of grant.votes) {
      const anew = (): void => {
        if (!grant.isEnded) vote.cast(ttlMs, () => {})
      }
      vote.extend(ttlMs, (answer, error) => {
        // A server that lost its vote gets it again, for the next time. It does not count now, and there is none if the majority was lost: that would be a new lock under an old name.
        if (answer === 'no' && plant) anew()
        else if (answer === 'no') missing.push(anew)
        round.answer(answer, error)
      })
    }
    const outcome = await round.outcome
    if (outcome === 'no' || grant.isEnded) {
      grant.giveBack()
      return undefined
    }
    if (clock.now() >= validUntil) {
      // Its holder has been told, or is about to be: nobody would give back what was extended.
      grant.giveBack()
      throw new LockError('LOCK_NO_ANSWER', 'the lock was over before its extension was answered')
    }
    if (outcome !== 'yes') {
      this.#giveBackAtItsEnd(grant)
      throw this.#noQuorum(round)
    }
    grant.extended(startedAt, ttlMs)
    plant = true
    for (const anew of missing) anew()
    return startedAt
  }

  async release(granted: Grant): Promise<boolean> {
    const grant = granted as RedlockGrant
    if (!grant.end()) return false
    const round = this.#round(grant, LONGEST_RELEASE_MS)
    for (const vote of grant.votes) vote.giveBack(round.answer.bind(round))
    const outcome = await round.outcome
    if (outcome === 'yes') return true
    if (outcome === 'no') return false
    throw this.#noQuorum(round)
  }

  async close(): Promise<void> {
    this.#timers.close()
    await Promise.all(this.#servers.map((server) => server.close()))
  }

  /** One value on all servers, had by a majority while most of the lease is left, or given back. */
  async #attempt(asking: Asking): Promise<Grant | NotGranted> {
    const { clock, random } = this.#options
    const { keys, ttlMs } = asking
    // A value of its own for each attempt: what is given back late takes nothing from a later one.
    const value = unguessable(random)
    const grant = new RedlockGrant(this.#voters, keys, value, clock.now(), ttlMs)
    asking.grant = grant
    const round = this.#round(grant, ttlMs)
    const answered = round.answer.bind(round)
    for (const vote of grant.votes) vote.cast(ttlMs, answered)
    const outcome = await round.outcome
    if (outcome === 'yes' && clock.now() < grant.validUntil) return grant
    grant.giveBack()
    if (outcome === 'unable') this.#noMajority(asking, round)
    else asking.trouble = undefined
    return BUSY
  }

  /** Too few could vote. That may pass: a caller who waits is told when it has lasted for a lease, after the time in which all servers may be too young. */
  #noMajority(asking: Asking, round: Round): void {
    const { clock, restartDelay } = this.#options
    const { error } = round
    // Neither of these passes.
    if (error instanceof LockError && error.code === 'LOCK_INVALID_OPTION') throw error
    if (error instanceof Error && error.message.startsWith('CROSSSLOT')) {
      throw invalidOption('in a Cluster, all keys of one lock need the same hash tag: {order}:1, {order}:2')
    }
    const now = clock.now()
    if (asking.trouble === undefined) asking.troubleSince = now
    asking.trouble = this.#noQuorum(round)
    if (now - asking.troubleSince >= restartDelay + AGE_ERROR_MS + asking.ttlMs) throw asking.trouble
  }

  /** What a failed extension may have left on some servers ends with the lease that the others know. */
  #giveBackAtItsEnd(grant: RedlockGrant): void {
    const { clock } = this.#options
    this.#timers.after(Math.max(0, grant.endsAt - clock.now()), () => {
      if (clock.now() >= grant.endsAt) grant.giveBack()
    })
  }

  #round(grant: RedlockGrant, ttlMs: number): Round {
    const late = (): void => {
      for (const vote of grant.votes) vote.late()
    }
    const timeoutMs = nodeTimeoutOf(this.#options, ttlMs)
    return new Round(this.#options.clock, this.#deadlines, this.#voters.length, timeoutMs, late)
  }

  #noQuorum({ unable, error }: Round): LockError {
    const why = error instanceof Error ? String(error) : 'no answer in time'
    const message = `${unable} of ${this.#voters.length} servers could not vote: ${why}`
    return new LockError('LOCK_NO_QUORUM', message, { cause: error, retryable: true })
  }

  #requireTtl(ttlMs: number): void {
    const { restartDelay } = this.#options
    if (ttlMs === Number.POSITIVE_INFINITY) throw invalidOption('a lock of Redlock ends: ttl is no Infinity')
    if (restartDelay === 0 || ttlMs <= restartDelay) return
    throw invalidOption(
      `ttl ${ttlMs} is longer than restartDelay (${restartDelay}): a server that was restarted would vote although it may have forgotten this lock`,
    )
  }
}

/** A release waits for the servers as a lock of this duration does. */
const LONGEST_RELEASE_MS = 10_000
