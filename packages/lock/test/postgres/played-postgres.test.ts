import { createRandom, type Random } from '@colony/host'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { advisoryStatements } from '../../src/postgres/advisory-statements.ts'
import { clientDatabase } from '../../src/postgres/client-database.ts'
import { leaseStatements } from '../../src/postgres/lease-statements.ts'
import { postgresMigration } from '../../src/postgres/index.ts'
import type {
  PostgresRow,
  PostgresSession,
  PostgresStatement,
  PostgresValue,
} from '../../src/postgres/postgres-session.ts'
import { sqlState } from '../../src/postgres/postgres-session.ts'
import { tablesOf } from '../../src/postgres/tables.ts'
import { valueStatements } from '../../src/postgres/values.ts'
import { NO_POSTGRES, PostgresServer, skipPostgres } from '../servers/postgres.ts'
import { PlayedDisk, PlayedPostgres } from './played-postgres.ts'

const needs = skipPostgres ? ` (${NO_POSTGRES})` : ''
const TABLES = tablesOf('public')
const ADVISORY = advisoryStatements(TABLES)
const LEASES = leaseStatements(TABLES)
const VALUES = valueStatements(TABLES)

/** A session, on a real server or a played one. */
interface Seat {
  readonly pid: number
  run(statement: PostgresStatement, values: readonly PostgresValue[]): Promise<readonly PostgresRow[]>
}

/** One thing that is done on a session; the numbers of the sessions are put in where it needs them. */
interface Step {
  readonly seat: number
  readonly statement: PostgresStatement
  readonly values: (pids: readonly number[]) => readonly PostgresValue[]
}

const KEYS = ['a', 'b', 'c']

describe.skipIf(skipPostgres)(`the played PostgreSQL${needs}`, () => {
  let server: PostgresServer

  beforeAll(async () => {
    server = await PostgresServer.start()
    await server.query(postgresMigration())
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
  })

  it('answers as the real one does, whatever it is told', async () => {
    for (let round = 0; round < 10; round++) {
      const random = createRandom(round)
      await server.query('truncate colony_lock_leases, colony_lock_values')
      const real = await realSeats(server)
      const played = playedSeats()
      const steps = Array.from({ length: 40 }, () => drawStep(random))
      for (const [index, step] of steps.entries()) {
        const told = `round ${round}, step ${index}: ${step.statement.name}`
        expect(await outcome(real, step), told).toEqual(await outcome(played, step))
      }
      for (const { session } of real) session.close()
    }
  })

  it('grants to those who wait in the order of the real one', async () => {
    for (let round = 0; round < 8; round++) {
      const random = createRandom(round)
      const shared = Array.from({ length: 4 }, () => random.float() < 0.5)
      const cancelled = random.integer(0, 3)
      const real = await realSeats(server, 6)
      const realOrder = await orderOf(real, shared, cancelled)
      for (const { session } of real) session.close()
      expect(realOrder, `round ${round}`).toEqual(await orderOf(playedSeats(6), shared, cancelled))
    }
  })
})

async function realSeats(
  server: PostgresServer,
  count = 3,
): Promise<(Seat & { session: PostgresSession })[]> {
  const database = clientDatabase(() => new Client(server.url()), true)
  const listener = { ended: () => undefined, notified: () => undefined }
  return await Promise.all(
    Array.from({ length: count }, async () => {
      const session = await database.open(listener)
      const [row] = await session.run(ADVISORY.who, [0])
      return { session, pid: Number(row?.['pid']), run: session.run.bind(session) }
    }),
  )
}

function playedSeats(count = 3): Seat[] {
  const played = new PlayedPostgres(new PlayedDisk(), () => performance.timeOrigin + performance.now())
  return Array.from({ length: count }, () => {
    const session = played.connect({ notified: () => undefined, terminated: () => undefined })
    return { pid: session.pid, run: async ({ name }, values) => await session.run(name, values) }
  })
}

function drawStep(random: Random): Step {
  const pick = <Choice>(choices: readonly Choice[]): Choice =>
    choices[random.integer(0, choices.length - 1)] as Choice
  const seat = random.integer(0, 2)
  const some = KEYS.filter(() => random.float() < 0.6)
  const keys = some.length === 0 ? KEYS : some
  const owner = `${seat}`
  const long = keys.map(() => 600_000)
  switch (random.integer(0, 8)) {
    case 0:
      return on(seat, ADVISORY.takeAll, (own) => [own, 7, keys, keys.map(() => random.integer(0, 1))])
    case 1:
      return on(seat, ADVISORY.giveAll, (own) => [own])
    case 2:
      return on(seat, LEASES.take, () => [keys, keys.map(() => owner), long])
    case 3:
      return on(seat, LEASES.give, () => [keys, keys.map(() => owner), 'nobody'])
    case 4:
      return on(seat, LEASES.extend, () => [keys, owner, 600_000])
    case 5:
      return on(seat, VALUES.create, () => [pick(KEYS), 'new'])
    case 6:
      return on(seat, VALUES.read, () => [pick(KEYS)])
    case 7:
      return on(seat, ADVISORY.batch, () => [1, 7, ['take'], ['a']])
    default: {
      const verbs = keys.map(() => pick(['take', 'share', 'join', 'give', 'unshare', 'token', 'look']))
      return on(seat, ADVISORY.batch, (own) => [own, 7, verbs, keys])
    }
  }
}

function on(
  seat: number,
  statement: PostgresStatement,
  values: (own: number) => readonly PostgresValue[],
): Step {
  let drawn: readonly PostgresValue[] | undefined
  return {
    seat,
    statement,
    // Drawn once, for both servers alike.
    values: (pids) => {
      const own = pids[seat] ?? 0
      drawn ??= values(own)
      return statement === ADVISORY.batch && drawn[0] === 1 ? drawn : replaceFirst(statement, drawn, own)
    },
  }
}

function replaceFirst(
  statement: PostgresStatement,
  values: readonly PostgresValue[],
  own: number,
): readonly PostgresValue[] {
  return statement.name.startsWith('colony_advisory') ? [own, ...values.slice(1)] : values
}

/** What was answered, without what differs for good: numbers of sessions, times, and how great tokens are. */
async function outcome(seats: readonly Seat[], step: Step): Promise<unknown> {
  const values = step.values(seats.map(({ pid }) => pid))
  try {
    const rows = await seats[step.seat]!.run(step.statement, values)
    const lines = rows.map(({ at, key, owner, answer, complete, token, live, value, written }) =>
      JSON.stringify([
        ...[at, key, owner, isNumber(answer) ? 'a token' : answer, complete],
        ...[isNumber(token) ? 'a token' : token, live, value, written],
      ]),
    )
    // A proxy's statement does nothing; how many rows say so is of no account.
    return step.statement === ADVISORY.batch && values[0] === 1 ? 'nothing' : lines.toSorted()
  } catch (error) {
    return sqlState(error) ?? String(error)
  }
}

function isNumber(text: unknown): boolean {
  return typeof text === 'string' && /^\d+$/.test(text)
}

/** In which order four wait for a lock that somebody has, one of them in vain; each gives it back when the next ones have it. */
async function orderOf(
  seats: readonly Seat[],
  shared: readonly boolean[],
  cancelled: number,
): Promise<readonly string[]> {
  const [holder, other, ...waiters] = seats
  const order: string[] = []
  await holder!.run(ADVISORY.batch, [holder!.pid, 9, ['take'], ['k']])
  const waiting = async (pids: readonly number[], count: number): Promise<void> => {
    for (;;) if ((await other!.run(ADVISORY.waiting, [pids])).length === count) return
  }
  const done = waiters.map(async ({ pid, run }, index) => {
    const before = waiters.slice(0, index).map((each) => each.pid)
    await waiting(before, before.length)
    try {
      await run(shared[index] === true ? ADVISORY.waitShared : ADVISORY.wait, [pid, 9, 'k'])
    } catch (error) {
      order.push(`${index} ${sqlState(error)}`)
      return
    }
    order.push(`${index}`)
    await run(ADVISORY.giveAll, [pid])
  })
  const all = waiters.map(({ pid }) => pid)
  await waiting(all, 4)
  await other!.run(ADVISORY.cancel, [all[cancelled] ?? 0])
  await waiting(all, 3)
  await holder!.run(ADVISORY.giveAll, [holder!.pid])
  await Promise.all(done)
  // Readers that follow each other are granted together.
  return groups(order, shared)
}

function groups(order: readonly string[], shared: readonly boolean[]): readonly string[] {
  const sorted: string[][] = []
  let before: boolean | undefined
  for (const each of order) {
    const isReader = shared[Number.parseInt(each, 10)] === true && !each.includes(' ')
    if (isReader && before === true) sorted.at(-1)?.push(each)
    else sorted.push([each])
    before = isReader
  }
  return sorted.map((group) => group.toSorted().join(','))
}
