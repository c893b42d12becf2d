import type { Capabilities, LockBackend } from '../../../src/index.ts'
import { redlockBackend, type RedisScript } from '../../../src/redis/index.ts'
import * as lockScripts from '../../../src/redis/lock-scripts.ts'
import * as redlockScripts from '../../../src/redis/redlock/scripts.ts'
import type { BackendModel, ClientPlace } from '../backend-model.ts'
import { redisModel, redisOnDisk } from '../models/redis.ts'
import { redlockModel, redlockOfFive } from '../models/redlock.ts'
import { simulatedRedisClient } from '../redis/simulated-redis.ts'

/** A bug that is planted into a backend that is sound. */
export interface Mutant {
  readonly name: string
  readonly model: BackendModel
  readonly capabilities: Capabilities
  /** The check that finds it. */
  readonly found: RegExp
  /** In how many seeds at the most. */
  readonly within: number
}

const REDIS: Capabilities = { fencing: true, shared: true, semaphore: true, owners: false, values: true }
const REDLOCK: Capabilities = {
  ...{ fencing: false, shared: false, semaphore: false, owners: false, values: false },
}
const EXCLUSION = /locks exclude each other|linearizable/
const TOKENS = /tokens grow|linearizable/
const BOTH = { exclusion: true, tokens: true }
const MUTEX_ONLY = { exclusion: true, tokens: false }
const QUIET = ['crash', 'pause'] as const

const SCRIPTS: readonly RedisScript[] = [
  ...Object.values(lockScripts),
  ...[redlockScripts.ACQUIRE, redlockScripts.EXTEND, redlockScripts.RELEASE],
]

/** Replaces a part of those scripts that have it. Fails where none has: a bug that is not planted is not found. */
function plant(from: string | RegExp, to: string): (source: string) => string {
  const change = (source: string): string => source.replaceAll(from, to)
  if (SCRIPTS.every(({ source }) => change(source) === source))
    throw new Error(`no script has ${String(from)}`)
  return change
}

/** A sound model whose backend is changed. */
function spoilt(
  model: BackendModel,
  name: string,
  spoil: (backend: LockBackend, place: ClientPlace) => Partial<LockBackend>,
): BackendModel {
  return {
    ...model,
    name,
    client: async (place) => {
      const backend = await model.client(place)
      const changed = spoil(backend, place)
      return {
        name,
        capabilities: backend.capabilities,
        ...(backend.driftRate !== undefined && { driftRate: backend.driftRate }),
        acquire: (request) => backend.acquire(request),
        extend: (grant, ttlMs) => backend.extend(grant, ttlMs),
        release: (grant) => backend.release(grant),
        close: async () => await backend.close(),
        ...changed,
      }
    },
  }
}

/** The deadline counts from the answer, as in most libraries: an answer that was late makes it late. */
function fromTheAnswer(backend: LockBackend, { node }: ClientPlace): Partial<LockBackend> {
  return {
    acquire: async (request) => {
      const answer = await backend.acquire(request)
      return 'refused' in answer ? answer : Object.assign(answer, { startedAt: node.host.clock.now() })
    },
  }
}

/** An extension that nobody has answered is taken for one that was done. */
function hopeful(backend: LockBackend, { node }: ClientPlace): Partial<LockBackend> {
  return {
    extend: async (grant, ttlMs) => {
      const startedAt = node.host.clock.now()
      try {
        return await backend.extend(grant, ttlMs)
      } catch {
        return startedAt
      }
    },
  }
}

/** Each client asks three of the five servers: majorities of different threes need not overlap. */
function ofThree(): BackendModel {
  return {
    ...redlockOfFive,
    name: 'lock-mutant-majority-of-the-connected',
    client: (place) => {
      const { clients, servers } = place.run.state
      const first = clients.indexOf(place.node.id)
      const three = [0, 1, 2].map((at) => servers[(first * 2 + at) % servers.length] ?? '')
      const { clock, random } = place.node.host
      return redlockBackend(
        three.map((server) => simulatedRedisClient(place, server)),
        { clock, random: random.fork('redlock'), restartDelay: 1500 },
      )
    },
  }
}

function redis(name: string, change: (source: string) => string): BackendModel {
  return redisModel(`lock-mutant-${name}`, QUIET, BOTH, { persists: true, plant: change })
}

/** One of each sort. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'whoever releases releases what anybody has',
    model: redis(
      'release-of-anybody',
      plant("if redis.pcall('get', KEYS[first]) == ARGV[index] then", 'if true then'),
    ),
    capabilities: REDIS,
    found: EXCLUSION,
    within: 10,
  },
  {
    name: 'the server forgets a lock before its time',
    model: redis('short-leases', plant("'PX', ARGV[arg + 1])", "'PX', math.floor(ARGV[arg + 1] * 0.8))")),
    capabilities: REDIS,
    found: EXCLUSION,
    within: 10,
  },
  {
    name: 'tokens begin anew when the server does',
    model: redisModel(
      'lock-mutant-tokens-begin-anew',
      QUIET,
      { exclusion: false, tokens: true },
      { persists: false, plant: plant(/(?:micros\(\)|read) \+ 1\b/g, '1') },
    ),
    capabilities: REDIS,
    found: TOKENS,
    within: 20,
  },
  {
    name: 'a deadline counts from the answer',
    model: spoilt(redisOnDisk, 'lock-mutant-deadline-from-the-answer', fromTheAnswer),
    capabilities: REDIS,
    found: EXCLUSION,
    within: 20,
  },
  {
    name: 'an extension without an answer counts',
    model: spoilt(redisOnDisk, 'lock-mutant-hopeful', hopeful),
    capabilities: REDIS,
    found: EXCLUSION,
    within: 30,
  },
  {
    name: 'servers that forgot vote at once',
    model: redlockModel('lock-mutant-forgetful-voters', {
      ...{ kinds: ['crash', 'blackout'], promises: MUTEX_ONLY, persists: false, restartDelay: 0 },
    }),
    capabilities: REDLOCK,
    found: EXCLUSION,
    within: 30,
  },
  {
    name: 'a majority of those that a client knows suffices',
    model: ofThree(),
    capabilities: REDLOCK,
    found: EXCLUSION,
    within: 10,
  },
  {
    name: 'whoever gives back a vote takes that of others',
    model: redlockModel('lock-mutant-votes-of-others', {
      ...{ kinds: ['pause'], promises: MUTEX_ONLY, persists: false },
      plant: plant(
        "if redis.pcall('get', key) == value then redis.call('del', key)",
        "if true then redis.call('del', key)",
      ),
    }),
    capabilities: REDLOCK,
    found: EXCLUSION,
    within: 10,
  },
]
