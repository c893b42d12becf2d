import { etcdBackend, type EtcdClient, EtcdError, type EtcdTxn } from '../../../src/etcd/index.ts'
import { type Deletion, PlayedEtcd } from '../../etcd/played-etcd.ts'
import type { BackendModel, ClientPlace, Place } from '../backend-model.ts'
import { serverFaults } from '../faults.ts'
import { type ClientLink, ServerError } from '../links/client-links.ts'
import { serveLinks, type Session } from '../links/server-links.ts'
import type { Run } from '../lock-run.ts'

const SERVER = 's1'
/** How often the server looks for leases that are over, as etcd does. */
const LEASE_CHECK_MS = 500

/** What a client asks. */
type Question =
  | { readonly ask: 'txn'; readonly txn: EtcdTxn }
  | { readonly ask: 'grant'; readonly ttlSeconds: number }
  | { readonly ask: 'keep-alive' | 'revoke'; readonly lease: string }
  | ({ readonly ask: 'watch' } & Watch)

/** Tells of deletions of a range, from a revision on. */
interface Watch {
  readonly key: string
  readonly end: string
  readonly from: number
}

/** A connection, with its watch if it is one's. */
interface WatchingSession extends Session {
  watch: Watch | undefined
}

/** One member of etcd, whose log is on disk and whose leases end by its own clock. */
export const etcdModel: BackendModel = {
  name: 'lock-etcd',
  servers: 1,
  promises: { exclusion: true, tokens: true },
  settings: (random) => ({
    requestTimeout: random.integer(300, 2000),
    pollInterval: random.integer(100, 3000),
    ...(random.float() < 0.5 && { stallMs: random.integer(100, 2000) }),
  }),
  server: startEtcd,
  client: (place) => {
    const { clock, random } = place.node.host
    const { requestTimeout, pollInterval } = place.run.state.settings as Readonly<Record<string, number>>
    const options = { clock, random: random.fork('etcd') }
    return etcdBackend(simulatedClient(place), {
      ...options,
      requestTimeout: requestTimeout ?? 0,
      pollInterval: pollInterval ?? 0,
    })
  },
  faults: (random, servers, durationMs) => {
    // A server that is down half of the time grants hardly anything, since its leases do not run meanwhile: such runs show little.
    const kinds = ['pause', 'clock', 'timers', 'loop', 'skew'] as const
    return serverFaults({ random, servers, durationMs, kinds })
  },
  leftovers: (run) =>
    storeOf(run)
      .keys()
      .filter((key) => key.includes('lock/')),
}

function storeOf({ state }: Run): PlayedEtcd {
  let store = state.disks.get(SERVER) as PlayedEtcd | undefined
  if (store === undefined) state.disks.set(SERVER, (store = new PlayedEtcd()))
  return store
}

function startEtcd({ node, run }: Place): void {
  const store = storeOf(run)
  const { clock } = node.host
  const sessions = new Set<WatchingSession>()
  const tell = (): void => {
    for (const session of sessions) tellOf(session, store)
  }
  store.resumeLeases(clock.now())
  const check = (): void => {
    store.expire(clock.now())
    tell()
    clock.after(LEASE_CHECK_MS, check)
  }
  check()
  serveLinks<WatchingSession>(node, run.world as never, {
    connected: (session) => {
      const watching = Object.assign(session, { watch: undefined })
      sessions.add(watching)
      return watching
    },
    asked: (session, question) => {
      try {
        return answer(store, session, question as Question, clock.now())
      } finally {
        tell()
      }
    },
    ended: (session) => sessions.delete(session),
  })
}

function answer(store: PlayedEtcd, session: WatchingSession, question: Question, now: number): unknown {
  switch (question.ask) {
    case 'txn':
      return attempt(() => store.txn(question.txn))
    case 'grant':
      return store.grantLease(question.ttlSeconds, now)
    case 'keep-alive':
      return store.keepAlive(question.lease, now)
    case 'revoke':
      return store.revokeLease(question.lease)
    case 'watch':
      session.watch = question
      return true
  }
}

/** Errors have a code, which the simulated link does not carry. */
function attempt(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    if (error instanceof EtcdError) throw new Error(String(error.code), { cause: error })
    throw error
  }
}

function tellOf(session: WatchingSession, { deletions, revision }: PlayedEtcd): void {
  const { watch } = session
  if (watch === undefined) return
  for (const deletion of deletions) {
    if (deletion.revision < watch.from || deletion.key < watch.key || deletion.key >= watch.end) continue
    session.push(deletion)
  }
  session.watch = { ...watch, from: revision + 1 }
}

/** A client as `fetch` is one: a connection for each request that is under way and for each watch, used again when it is free. */
function simulatedClient({ links, node, run }: ClientPlace): EtcdClient {
  const free: ClientLink[] = []
  const { stallMs } = run.state.settings as { readonly stallMs?: number }
  const stall = stallMs === undefined ? {} : { stallMs }
  const ask = async (question: Question, signal: AbortSignal): Promise<unknown> => {
    const link = free.pop() ?? links.open(SERVER, stall)
    // Who does not wait for an answer any more ends the connection.
    const end = (): void => link.close()
    signal.addEventListener('abort', end, { once: true })
    try {
      const answered = await link.request(question)
      free.push(link)
      return answered
    } catch (error) {
      if (!(error instanceof ServerError)) throw error
      free.push(link)
      throw new EtcdError(Number(error.message), 'refused', { cause: error })
    } finally {
      signal.removeEventListener('abort', end)
    }
  }
  return {
    txn: async (txn, signal) => (await ask({ ask: 'txn', txn }, signal)) as never,
    grantLease: async (ttlSeconds, signal) => (await ask({ ask: 'grant', ttlSeconds }, signal)) as never,
    keepAlive: async (lease, signal) => (await ask({ ask: 'keep-alive', lease }, signal)) as number,
    revokeLease: async (lease, signal) => void (await ask({ ask: 'revoke', lease }, signal)),
    watchDeletes: ({ key, end = `${key}\0` }, from, watcher) => {
      let isOver = false
      const link = links.open(SERVER, {
        onPush: (message) => {
          const { key: deleted, revision } = message as Deletion
          if (!isOver) watcher.deleted(deleted, revision)
        },
        onLost: () => {
          if (!isOver) watcher.ended()
          isOver = true
        },
      })
      link.request({ ask: 'watch', key, end, from } satisfies Question).catch(() => undefined)
      run.sometimes('somebody waits for a place on etcd')
      return {
        [Symbol.dispose]: () => {
          isOver = true
          if (node.state !== 'down') link.close()
        },
      }
    },
  }
}
