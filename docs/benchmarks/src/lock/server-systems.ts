import { etcdBackend, etcdGateway } from '@colony/lock/etcd'
import { postgresAdvisory, postgresLeases } from '@colony/lock/postgres'
import { Etcd3, EtcdLockFailedError } from 'etcd3'
import { Client, Pool } from 'pg'
import { lockerOf, sleep, type Locker, type System, TTL_MS } from './locker.ts'
import { colony } from './lockers.ts'

const POOL_SIZE = 64
/** The package's lock fails when somebody else has it, and leaves asking again to its user. */
const ETCD3_PAUSE_MS = 10

/** Locks in PostgreSQL: ours, and a session's advisory lock taken and given back by two statements. */
export function postgresSystems(url: string): readonly System[] {
  return [
    {
      name: 'colony, postgresAdvisory',
      open: async () => colony(postgresAdvisory(() => new Client(url), { migrate: true })),
    },
    { name: 'pg_advisory_lock, bare pg', open: async () => bareAdvisory(url) },
    {
      name: 'colony, postgresLeases',
      async open() {
        const pool = new Pool({ connectionString: url, max: POOL_SIZE })
        return colony(postgresLeases(pool, { migrate: true }), () => pool.end())
      },
    },
  ]
}

/** Locks in etcd, through a member that leads. */
export function etcdSystems(port: number): readonly System[] {
  return [
    {
      name: 'colony, etcdBackend',
      open: async () => colony(etcdBackend(etcdGateway(`http://127.0.0.1:${port}`))),
    },
    { name: 'etcd3', open: async () => etcd3Locker(port) },
  ]
}

function bareAdvisory(url: string): Locker {
  const pool = new Pool({ connectionString: url, max: POOL_SIZE })
  return lockerOf(
    async (key) => {
      const client = await pool.connect()
      await client.query({
        ...{ name: 'lock', text: 'select pg_advisory_lock(hashtextextended($1, 1))', values: [key] },
      })
      return async () => {
        await client.query({
          ...{ name: 'unlock', text: 'select pg_advisory_unlock(hashtextextended($1, 1))', values: [key] },
        })
        client.release()
      }
    },
    () => pool.end(),
  )
}

/** npm `etcd3`: a lease for each lock. */
export function etcd3Locker(port: number): Locker {
  const client = new Etcd3({ hosts: `http://127.0.0.1:${port}` })
  return lockerOf(
    async (key) => {
      for (;;) {
        const lock = client.lock(key).ttl(TTL_MS / 1000)
        try {
          await lock.acquire()
          return () => lock.release()
        } catch (error) {
          if (!(error instanceof EtcdLockFailedError)) throw error
          await sleep(ETCD3_PAUSE_MS)
        }
      }
    },
    () => client.close(),
  )
}
