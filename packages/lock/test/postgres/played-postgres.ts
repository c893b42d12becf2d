import type { PostgresRow, PostgresValue } from '../../src/postgres/postgres-session.ts'
import { type Holder, PlayedLocks } from './played-locks.ts'

/** What survives a restart of the server. */
export class PlayedDisk {
  lastToken = 0n
  readonly leases = new Map<string, { owner: string | null; token: bigint; expiresAt: number }>()
  readonly values = new Map<string, { value: string; version: bigint }>()
}

/** An error of the server, with its SQLSTATE. */
export class PlayedError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** What a session tells its client unasked. */
export interface PlayedListener {
  readonly notified: (payload: string) => void
  readonly terminated: () => void
}

type Values = readonly PostgresValue[]
type Rows = readonly PostgresRow[]

/** PostgreSQL, as far as the statements of the backends go: they are known by their names. */
export class PlayedPostgres {
  readonly locks = new PlayedLocks()
  readonly disk: PlayedDisk
  /** The time of day, in milliseconds. */
  readonly now: () => number
  readonly sessions = new Map<number, PlayedSession>()
  #lastPid = 1000

  constructor(disk: PlayedDisk, now: () => number) {
    this.disk = disk
    this.now = now
  }

  connect(listener: PlayedListener): PlayedSession {
    const session = new PlayedSession(this, (this.#lastPid += 1), listener)
    this.sessions.set(session.pid, session)
    return session
  }

  nextToken(): string {
    return String((this.disk.lastToken += 1n))
  }
}

/** One session of the server. */
export class PlayedSession implements Holder {
  readonly pid: number
  readonly #server: PlayedPostgres
  readonly #listener: PlayedListener
  #rejectWait: ((error: PlayedError) => void) | undefined
  #isListening = false
  #isOver = false

  constructor(server: PlayedPostgres, pid: number, listener: PlayedListener) {
    this.#server = server
    this.pid = pid
    this.#listener = listener
  }

  /** Runs a statement: what it answers, at once where it waits for nobody. */
  run(name: string, values: Values): Rows | Promise<Rows> {
    if (this.#isOver) throw new PlayedError('57P01', 'terminated')
    const run = STATEMENTS[name]
    if (run === undefined) throw new PlayedError('26000', `nobody plays ${name}`)
    return run(this.#server, this, values)
  }

  /** Waits for a lock until it is granted or the wait is cancelled. */
  wait(key: string, shared: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const granted = (): void => {
        this.#rejectWait = undefined
        resolve()
      }
      if (this.#server.locks.wait(this, key, shared, granted)) granted()
      else this.#rejectWait = reject
    })
  }

  cancel(): void {
    if (!this.#server.locks.leave(this)) return
    this.#rejectWait?.(new PlayedError('57014', 'canceling statement due to user request'))
    this.#rejectWait = undefined
  }

  /** The session is over, and all that it has is free. */
  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.cancel()
    this.#server.locks.giveAll(this)
    this.#server.sessions.delete(this.pid)
  }

  terminate(): void {
    this.end()
    this.#listener.terminated()
  }

  listen(): void {
    this.#isListening = true
  }

  notify(payload: string): void {
    if (this.#isListening) this.#listener.notified(payload)
  }
}

type Statement = (server: PlayedPostgres, session: PlayedSession, values: Values) => Rows | Promise<Rows>

function texts(value: PostgresValue | undefined): string[] {
  return (value as readonly string[]).map(String)
}

const STATEMENTS: Readonly<Record<string, Statement>> = {
  colony_migrate: () => [],
  colony_begin: () => [],
  colony_commit: () => [],
  colony_who: (_server, { pid }) => [{ pid }],
  colony_settings: (_server, { pid }) => [{ pid }],
  colony_advisory_batch: (server, session, [pid, seed, verbs, keys]) => {
    if (pid !== session.pid) return []
    return texts(verbs).map((verb, index) => {
      const key = texts(keys)[index] ?? ''
      const answer = doVerb(server, session, verb, `${String(seed)}:${key}`)
      return { at: index + 1, pid: session.pid, answer: answer ?? null }
    })
  },
  colony_advisory_take_all: (server, session, [, seed, keys, shared]) => {
    const { locks } = server
    const wanted = texts(keys).map((key, index) => ({
      key: `${String(seed)}:${key}`,
      shared: (shared as readonly number[])[index] === 1,
    }))
    const failed = wanted.findIndex((each) => !locks.take(session, each.key, each.shared))
    if (failed < 0) return [{ pid: session.pid, answer: server.nextToken(), complete: true }]
    for (const each of wanted.slice(0, failed)) locks.give(session, each.key, each.shared)
    return [{ pid: session.pid, answer: `${failed} given back`, complete: false }]
  },
  colony_advisory_wait: async (_server, session, [, seed, key]) => {
    await session.wait(`${String(seed)}:${String(key)}`, false)
    return [{ pid: session.pid }]
  },
  colony_advisory_wait_shared: async (_server, session, [, seed, key]) => {
    await session.wait(`${String(seed)}:${String(key)}`, true)
    return [{ pid: session.pid }]
  },
  colony_advisory_give_all: ({ locks }, session) => {
    locks.giveAll(session)
    return [{ pid: session.pid }]
  },
  colony_advisory_waiting: ({ locks }, _session, [pids]) =>
    (pids as readonly number[]).filter((pid) => locks.isWaiting(pid)).map((pid) => ({ pid })),
  colony_cancel: ({ sessions }, _session, [pid]) => {
    sessions.get(Number(pid))?.cancel()
    return [{ done: true }]
  },
  colony_terminate: ({ sessions }, _session, [pid]) => {
    sessions.get(Number(pid))?.terminate()
    return [{ done: true }]
  },
  colony_lease_listen: (_server, session) => {
    session.listen()
    return []
  },
  colony_lease_take: (server, _session, [keys, owners, ttls]) => {
    const { leases } = server.disk
    const now = server.now()
    const isBusy = (key: string): boolean => {
      const held = leases.get(key)
      return held !== undefined && held.owner !== null && held.expiresAt > now
    }
    const asked = texts(keys).map((key, index) => ({
      key,
      owner: texts(owners)[index] ?? '',
      ttl: (ttls as readonly number[])[index] ?? 0,
    }))
    const refused = new Set(asked.filter(({ key }) => isBusy(key)).map(({ owner }) => owner))
    const tokens = new Map<string, bigint>()
    for (const { key, owner } of asked) {
      const next = (leases.get(key)?.token ?? -1n) + 1n
      const token = tokens.get(owner) ?? BigInt(Math.floor(now * 1000))
      tokens.set(owner, next > token ? next : token)
    }
    return asked.flatMap(({ key, owner, ttl }) => {
      if (refused.has(owner)) return []
      const token = tokens.get(owner) ?? 0n
      leases.set(key, { owner, token, expiresAt: now + ttl })
      return [{ key, owner, token: String(token) }]
    })
  },
  colony_lease_extend: ({ disk, now }, _session, [keys, owner, ttl]) =>
    texts(keys).flatMap((key) => {
      const held = disk.leases.get(key)
      if (held === undefined || held.owner !== owner || held.expiresAt <= now()) return []
      held.expiresAt = now() + Number(ttl)
      return [{ key }]
    }),
  colony_lease_give: ({ disk, now, sessions }, _session, [keys, owners]) =>
    texts(keys).flatMap((key, index) => {
      const held = disk.leases.get(key)
      const owner = texts(owners)[index]
      if (held === undefined || held.owner !== owner) return []
      held.owner = null
      for (const session of sessions.values()) session.notify(key)
      return [{ key, owner, live: held.expiresAt > now() }]
    }),
  colony_value_read: ({ disk }, _session, [key]) => {
    const known = disk.values.get(String(key))
    return known === undefined ? [] : [{ value: known.value, version: String(known.version) }]
  },
  colony_value_create: (server, _session, [key, value]) => {
    if (server.disk.values.has(String(key))) return []
    server.disk.values.set(String(key), { value: String(value), version: BigInt(server.nextToken()) })
    return [{ written: 1 }]
  },
  colony_value_replace: (server, _session, [key, value, version]) => {
    const known = server.disk.values.get(String(key))
    if (known === undefined || String(known.version) !== version) return []
    server.disk.values.set(String(key), { value: String(value), version: BigInt(server.nextToken()) })
    return [{ written: 1 }]
  },
  colony_value_delete: ({ disk }, _session, [key, version]) => {
    if (String(disk.values.get(String(key))?.version) !== version) return []
    disk.values.delete(String(key))
    return [{ written: 1 }]
  },
}

function doVerb(
  server: PlayedPostgres,
  session: PlayedSession,
  verb: string,
  key: string,
): string | undefined {
  const { locks } = server
  switch (verb) {
    case 'take':
      return locks.take(session, key, false) ? server.nextToken() : undefined
    case 'share':
      return locks.take(session, key, true) ? server.nextToken() : undefined
    case 'join':
      return !locks.isAwaited(key) && locks.take(session, key, true) ? server.nextToken() : undefined
    case 'give':
      return locks.give(session, key, false) ? 'given' : undefined
    case 'unshare':
      return locks.give(session, key, true) ? 'given' : undefined
    case 'token':
      return server.nextToken()
    default:
      return 'here'
  }
}
