import { lockConformance, type LockFactory } from '@colony/testing/conformance'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, test } from 'vitest'
import type { LockBackend } from '../../src/index.ts'
import { postgresAdvisory, postgresLeases, postgresMigration } from '../../src/postgres/index.ts'
import { NO_POSTGRES, PostgresServer, skipPostgres } from '../servers/postgres.ts'

const needs = skipPostgres ? ` (${NO_POSTGRES})` : ''

describe.skipIf(skipPostgres)(`locks on PostgreSQL conform${needs}`, () => {
  let server: PostgresServer
  let cases = 0
  let backends = 0

  beforeAll(async () => {
    server = await PostgresServer.start()
    await server.query(postgresMigration())
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
  })

  /** Backends whose connections carry their name, so that they can be told apart at the server. */
  function placeOf(make: (connect: () => Client, number: number) => LockBackend) {
    return async () => {
      const number = (cases += 1)
      const names = new Map<unknown, string>()
      await server.query('truncate colony_lock_leases, colony_lock_values, colony_lock_fences')
      return {
        backend: () => {
          const name = `backend-${(backends += 1)}`
          const backend = make(
            () => new Client({ connectionString: server.url(), application_name: name }),
            number,
          )
          names.set(backend, name)
          return backend
        },
        takeAway: async (backend: unknown) => {
          const text = 'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1'
          await server.query(text, [names.get(backend)])
        },
      }
    }
  }

  const advisory: LockFactory = {
    supports: ['fencing', 'shared', 'values', 'leases', 'loss'],
    place: placeOf((connect, seed) => postgresAdvisory(connect, { seed })),
  }
  const leases: LockFactory = {
    supports: ['fencing', 'values', 'leases'],
    place: placeOf((connect) => postgresLeases(connect, { poll: 50 })),
  }

  describe('as advisory locks', () => {
    for (const { name, run } of lockConformance(advisory)) test(`advisory: ${name}`, run)
  })
  describe('as leases', () => {
    for (const { name, run } of lockConformance(leases)) test(`leases: ${name}`, run)
  })
})
