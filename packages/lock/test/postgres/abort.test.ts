import { createRandom } from '@colony/host'
import { expect, it } from 'vitest'
import { createLocks, type LockBackend } from '../../src/index.ts'
import { AdvisoryBackend } from '../../src/postgres/advisory-backend.ts'
import { LeaseBackend } from '../../src/postgres/lease-backend.ts'
import type { PostgresDatabase } from '../../src/postgres/postgres-session.ts'
import { ManualClock } from '../runtime/manual-clock.ts'
import { PlayedDisk, PlayedPostgres } from './played-postgres.ts'

/** More turns of the queue of promises than any acquisition takes. */
const TURNS = 120

interface Played {
  readonly clock: ManualClock
  readonly backend: LockBackend
  /** That of another process. */
  readonly other: LockBackend
  /** Keys that the server believes to be held. */
  left(): readonly string[]
}

const BACKENDS: Readonly<Record<string, () => Played>> = {
  'advisory locks, on the session that never waits': () => playedAdvisory(0),
  'advisory locks, on sessions that wait': () => playedAdvisory(2),
  leases: playedLeases,
}

for (const [name, play] of Object.entries(BACKENDS)) {
  it(`an acquisition that is aborted at any moment leaves nothing at PostgreSQL: ${name}`, async () => {
    for (const isContended of [false, true]) {
      for (let turns = 0; turns < TURNS; turns++) await abortAfter(turns, isContended, play())
    }
  })
}

/** Everything of the played server happens in turns of promises, so those are all the moments there are. */
async function abortAfter(turns: number, isContended: boolean, { clock, backend, other, left }: Played) {
  const options = { clock, random: createRandom(turns), ttl: 60_000 }
  const [locks, others] = [createLocks(backend, options), createLocks(other, options)]
  const elsewhere = isContended ? await others.acquire('key') : undefined
  const aborter = new AbortController()
  const asked = locks.acquire('key', { signal: aborter.signal, wait: 10_000 })
  const outcome = asked.then(
    (lock) => lock.release(),
    () => undefined,
  )
  // Half of the moments are before the other one gives it back.
  for (let turn = 0; turn < turns / 2; turn++) await Promise.resolve()
  void elsewhere?.release()
  for (let turn = turns / 2; turn < turns; turn++) await Promise.resolve()
  aborter.abort(new Error('enough'))
  await clock.run(1000)
  await outcome
  await clock.run(1000)
  expect(left(), `aborted after ${turns} turns`).toEqual([])
  await Promise.all([locks.close(), others.close()])
}

function playedAdvisory(mostWaiting: number): Played {
  const clock = new ManualClock()
  const server = new PlayedPostgres(new PlayedDisk(), () => clock.now())
  const random = createRandom(1)
  const options = { clock, random, schema: 'public', migrate: false, seed: 0, sessionMs: 2000, mostWaiting }
  const make = () => new AdvisoryBackend(databaseOf(server), options)
  return { clock, backend: make(), other: make(), left: () => server.locks.keys() }
}

function playedLeases(): Played {
  const clock = new ManualClock()
  const disk = new PlayedDisk()
  const server = new PlayedPostgres(disk, () => clock.now())
  const random = createRandom(1)
  const options = { clock, random, schema: 'public', migrate: false, timeoutMs: 2000, pollMs: 100 }
  const make = () => new LeaseBackend(databaseOf(server), options)
  const left = () => [...disk.leases].flatMap(([key, { owner }]) => (owner === null ? [] : [key]))
  return { clock, backend: make(), other: make(), left }
}

function databaseOf(server: PlayedPostgres): PostgresDatabase {
  return {
    open: async ({ notified, ended }) => {
      const session = server.connect({ notified, terminated: () => ended(new Error('terminated')) })
      return {
        run: async ({ name }, values) => await session.run(name, values),
        close: () => session.end(),
      }
    },
  }
}
