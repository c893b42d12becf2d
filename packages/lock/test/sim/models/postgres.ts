import { AdvisoryBackend } from '../../../src/postgres/advisory-backend.ts'
import { LeaseBackend } from '../../../src/postgres/lease-backend.ts'
import type {
  PostgresDatabase,
  PostgresRow,
  PostgresSession,
  PostgresStatement,
  PostgresValue,
  SessionListener,
} from '../../../src/postgres/postgres-session.ts'
import {
  PlayedDisk,
  PlayedError,
  PlayedPostgres,
  type PlayedSession,
} from '../../postgres/played-postgres.ts'
import type { BackendModel, ClientPlace, Place } from '../backend-model.ts'
import { type ServerFaults, serverFaults } from '../faults.ts'
import { type ClientLink, LinkLost, ServerError } from '../links/client-links.ts'
import { serveLinks, type Session } from '../links/server-links.ts'
import type { Run } from '../lock-run.ts'

const SERVER = 's1'

/** What a client asks: a statement, or, with nothing to run, the end of its session. */
interface Question {
  readonly run?: string
  readonly values?: readonly PostgresValue[]
}

/** What a session says unasked. */
interface Told {
  readonly notified?: string
  readonly terminated?: true
}

/** A server as a run knows it. */
interface Kept {
  readonly disk: PlayedDisk
  server: PlayedPostgres
}

const SOUND: ServerFaults['kinds'] = ['pause', 'clock', 'timers', 'loop']

/** Advisory locks of a server that is not restarted; its time of day does not matter. */
export const postgresAdvisoryModel: BackendModel = advisoryModel(
  'lock-postgres-advisory',
  [...SOUND, 'skew'],
  {
    exclusion: true,
    tokens: true,
  },
)

/** A server whose sessions end with it: a lock may be granted while its holder has not heard of that, and the tokens tell. */
export const postgresRestartedModel: BackendModel = advisoryModel(
  'lock-postgres-advisory-restarted',
  [...SOUND, 'crash'],
  { exclusion: false, tokens: true },
)

/** Leases of a server whose time of day is not set. */
export const postgresLeasesModel: BackendModel = leasesModel('lock-postgres-leases', [...SOUND, 'crash'], {
  exclusion: true,
  tokens: true,
})

/** A server whose time of day is set: a lease may end before its time, and the tokens tell. */
export const postgresSetClockModel: BackendModel = leasesModel(
  'lock-postgres-leases-set-clock',
  [...SOUND, 'crash', 'skew'],
  { exclusion: false, tokens: true },
)

function advisoryModel(
  name: string,
  kinds: ServerFaults['kinds'],
  promises: BackendModel['promises'],
): BackendModel {
  return {
    ...{ name, servers: 1, promises, server: startServer },
    settings: (random) => ({ sessionMs: random.integer(1000, 2500), mostWaiting: random.integer(0, 3) }),
    client: (place) => {
      const { sessionMs = 0, mostWaiting = 0 } = settingsOf(place)
      const options = { ...sharedOptions(place), sessionMs, mostWaiting, seed: 0 }
      return new AdvisoryBackend(databaseOf(place), options)
    },
    faults: (random, servers, durationMs) => serverFaults({ random, servers, durationMs, kinds }),
    leftovers: (run) => keptOf(run)?.server.locks.keys() ?? [],
  }
}

function leasesModel(
  name: string,
  kinds: ServerFaults['kinds'],
  promises: BackendModel['promises'],
): BackendModel {
  return {
    ...{ name, servers: 1, promises, server: startServer },
    settings: (random) => ({ timeoutMs: random.integer(100, 2000), pollMs: random.integer(50, 500) }),
    client: (place) => {
      const { timeoutMs = 0, pollMs = 0 } = settingsOf(place)
      return new LeaseBackend(databaseOf(place), { ...sharedOptions(place), timeoutMs, pollMs })
    },
    faults: (random, servers, durationMs) => serverFaults({ random, servers, durationMs, kinds }),
    leftovers: (run) => leasesLeft(run),
  }
}

function settingsOf({ run }: Place): Readonly<Record<string, number>> {
  return run.state.settings as Readonly<Record<string, number>>
}

function sharedOptions({ node }: ClientPlace) {
  const { clock, random } = node.host
  return { schema: 'public', migrate: false, clock, random: random.fork('postgres') }
}

function keptOf({ state }: Run): Kept | undefined {
  return state.disks.get(SERVER) as Kept | undefined
}

/** Rows whose leases have not ended. */
function leasesLeft(run: Run): readonly string[] {
  const { disk, server } = keptOf(run) ?? {}
  const rows = [...(disk?.leases ?? [])]
  return rows.flatMap(([key, { owner, expiresAt }]) =>
    owner !== null && expiresAt > (server?.now() ?? 0) ? [key] : [],
  )
}

function startServer({ node, run }: Place): void {
  const disk = keptOf(run)?.disk ?? new PlayedDisk()
  const server = new PlayedPostgres(disk, () => node.wallNow())
  run.state.disks.set(node.id, { disk, server } satisfies Kept)
  serveLinks<Session & { played: PlayedSession }>(node, run.world as never, {
    connected: (session) => {
      const push = (told: Told): void => session.push(told)
      const played = server.connect({
        notified: (payload) => push({ notified: payload }),
        terminated: () => push({ terminated: true }),
      })
      return Object.assign(session, { played })
    },
    asked: ({ played }, question) => answer(played, question as Question),
    ended: ({ played }) => played.end(),
  })
}

function answer(session: PlayedSession, { run, values = [] }: Question): unknown {
  if (run === undefined) return session.end()
  try {
    const rows = session.run(run, values)
    return rows instanceof Promise ? rows.catch(rethrow) : rows
  } catch (error) {
    return rethrow(error)
  }
}

/** Only messages travel: the code goes in front. */
function rethrow(error: unknown): never {
  throw error instanceof PlayedError ? new Error(`${error.code} ${error.message}`) : error
}

function databaseOf(place: ClientPlace): PostgresDatabase {
  return {
    async open(listener) {
      const session = new SimulatedSession(place, listener)
      await session.ready
      return session
    },
  }
}

class SimulatedSession implements PostgresSession {
  readonly ready: Promise<unknown>
  readonly #link: ClientLink
  #listener: SessionListener | undefined
  #last: Promise<unknown>

  constructor({ links }: ClientPlace, listener: SessionListener) {
    this.#listener = listener
    this.#link = links.open(SERVER, {
      onPush: (told) => this.#hear(told as Told),
      onLost: () => this.#end(new LinkLost('the connection ended')),
    })
    // The first question connects.
    this.ready = this.#link.request({ run: 'colony_who' } satisfies Question)
    this.#last = this.ready.catch(() => undefined)
  }

  async run({ name }: PostgresStatement, values: readonly PostgresValue[]): Promise<readonly PostgresRow[]> {
    const answered = this.#last.then(async () => {
      // A client that has lost its connection makes no other by itself.
      if (this.#listener === undefined) throw new LinkLost('the connection ended')
      return (await this.#link.request({ run: name, values } satisfies Question)) as PostgresRow[]
    })
    this.#last = answered.catch(() => undefined)
    return await answered.catch(coded)
  }

  close(): void {
    if (this.#listener === undefined) return
    this.#listener = undefined
    // The end of a connection reaches the server as late as whatever was sent before.
    const over = (): void => this.#link.close()
    this.#link.request({} satisfies Question).then(over, over)
  }

  #hear({ notified, terminated }: Told): void {
    if (notified !== undefined) this.#listener?.notified(notified)
    if (terminated === true) this.#end(new Error('terminated'))
  }

  #end(cause: Error): void {
    const listener = this.#listener
    this.close()
    listener?.ended(cause)
  }
}

function coded(error: unknown): never {
  const [, code = '', message = ''] =
    /^([0-9A-Z]{5}) (.*)$/.exec(error instanceof ServerError ? error.message : '') ?? []
  throw code === '' ? error : new PlayedError(code, message)
}
