import { createRandom, type Random } from '@colony/host'
import { machineConformance } from '@colony/testing/conformance'
import { describe, expect, it, test } from 'vitest'
import type { Answer, Command } from '../../src/raft/command.ts'
import { lockTable } from '../../src/raft/index.ts'
import { ReplicatedTable } from '../../src/raft/replicated-table.ts'

/** A log, and the machine that applies it in term 1 unless told otherwise. */
function log(): {
  readonly table: ReplicatedTable
  readonly apply: (command: Command, term?: number) => Answer
} {
  const table = new ReplicatedTable()
  let index = 0
  return { table, apply: (command, term = 1) => table.apply(command, { index: ++index, term }) }
}

const OPEN: Command = { op: 'open', node: 'a', ttlMs: 1000 }

function ask(session: number, number: number, key: string, more: object = {}): Command {
  return { ...{ op: 'ask', session, number, oldest: 1, claims: [key], ttlMs: 500, wait: true }, ...more }
}

/** Commands as several processes would make them, and some that come twice or late. */
function drawCommands(random: Random, count: number): readonly Command[] {
  const commands = ['a', 'b', 'c'].map((node): Command => ({ op: 'open', node, ttlMs: 1000 }))
  let last = 0
  while (commands.length < count) {
    const asks = random.float() < 0.5
    if (asks) last++
    const session = random.integer(1, 3)
    commands.push(asks ? drawAsk(random, session, last) : drawOther(random, session, Math.max(1, last)))
  }
  return commands
}

function drawOther(random: Random, session: number, last: number): Command {
  const choice = random.float()
  const number = random.integer(Math.max(1, last - 15), last)
  if (choice < 0.6) return { op: 'end', session, number }
  if (choice < 0.7) return { op: 'extend', session, number, ttlMs: random.integer(0, 2) * 100 }
  if (choice < 0.8) return { op: 'renew', session, ended: [number] }
  if (choice < 0.92) {
    const expected = random.integer(0, 1) * random.integer(1, 50)
    return { op: 'write', key: 'v', expected, ...(random.float() < 0.8 && { text: `${number}` }) }
  }
  if (choice < 0.99) return { op: 'expire', term: 1, session, number, version: random.integer(1, 50) }
  return { op: 'expire', term: 1, session, version: random.integer(1, 50) }
}

function drawAsk(random: Random, session: number, number: number): Command {
  const owner = { key: `${session}/${random.integer(1, 2)}`, name: `owner ${session}`, priority: 0 }
  const keys = ['k', 'l', 'm', 'n'].filter(() => random.float() < 0.2)
  const claims = keys.length === 0 ? ['k'] : keys
  const shared = random.float() < 0.3
  return {
    ...{ op: 'ask', session, number, oldest: Math.max(1, number - random.integer(0, 5)) },
    ...{ claims: shared ? [{ key: 'r', shared, permits: 1, limit: 1 }, ...claims] : claims },
    ...{ ttlMs: random.integer(0, 1) * 500, wait: random.float() < 0.9 },
    ...(random.float() < 0.6 &&
      ({ owner, victim: random.float() < 0.5 ? 'youngest' : 'fewest-locks' } as const)),
  }
}

/** Everything that a table tells from now on. */
function tellings(table: ReplicatedTable): string[] {
  const told: string[] = []
  table.watch({
    granted: ({ session, number, token }) => told.push(`${session.id}/${number} granted ${token}`),
    ended: ({ session, number }, by, cycle) => told.push(`${session.id}/${number} ${by} ${cycle.length}`),
    sessionEnded: ({ id }) => told.push(`${id} over`),
  })
  return told
}

/** The whole state as text. */
function written(machine: { snapshot(): Iterable<Uint8Array> }): string {
  const decoder = new TextDecoder()
  return [...machine.snapshot()].map((chunk) => decoder.decode(chunk)).join('')
}

async function* inPieces(bytes: Iterable<Uint8Array>, size: number): AsyncIterable<Uint8Array> {
  for (const chunk of bytes)
    for (let at = 0; at < chunk.length; at += size) yield chunk.subarray(at, at + size)
}

describe('the lock table as a state machine', () => {
  const suite = machineConformance({
    machine: lockTable,
    commands: drawCommands(createRandom(7), 300),
    state: written,
  })
  for (const { name, run } of suite) test(name, run)

  it('goes on from a snapshot as if nothing had happened', async () => {
    let deadlocks = 0
    for (let seed = 1; seed <= 30; seed++) {
      const random = createRandom(seed)
      const commands = drawCommands(random, 150)
      const cut = random.integer(3, 140)
      const [one, other] = [new ReplicatedTable(), new ReplicatedTable()]
      const place = (at: number): { index: number; term: number } => ({ index: at + 1, term: 1 })
      for (const [at, command] of commands.slice(0, cut).entries()) one.apply(command, place(at))
      await other.restore(inPieces(one.snapshot(), random.integer(1, 999)))
      expect(other.index).toBe(cut)
      const told = [tellings(one), tellings(other)] as const
      for (const [at, command] of commands.slice(cut).entries()) {
        const answer = one.apply(command, place(cut + at))
        expect(other.apply(command, place(cut + at)), `seed ${seed}, command ${cut + at}`).toEqual(answer)
      }
      expect(told[1], `seed ${seed}`).toEqual(told[0])
      deadlocks += told[0].filter((line) => line.includes('deadlock')).length
      expect(written(other), `seed ${seed}`).toBe(written(one))
    }
    expect(deadlocks).toBeGreaterThan(10)
  })

  it('the snapshot is of the moment at which it was asked for', async () => {
    const { table, apply } = log()
    apply(OPEN)
    apply(ask(1, 1, 'k'))
    const chunks = table.snapshot()
    apply({ op: 'end', session: 1, number: 1 })
    const copy = new ReplicatedTable()
    await copy.restore(inPieces(chunks, 10))
    expect(copy.find(1, 1)?.state).toBe('held')
  })

  it('refuses a snapshot that is cut off', async () => {
    const { table, apply } = log()
    apply(OPEN)
    const [bytes = new Uint8Array()] = [...table.snapshot()]
    await expect(new ReplicatedTable().restore(inPieces([bytes.subarray(0, -3)], 10))).rejects.toThrow(
      'cut off',
    )
    await expect(new ReplicatedTable().restore(inPieces([], 10))).rejects.toThrow('no beginning')
  })

  it('the token of a lock is the index of the entry that granted it', () => {
    const { apply } = log()
    apply(OPEN)
    expect(apply(ask(1, 1, 'k'))).toEqual({ is: 'held', token: 2 })
    apply({ op: 'renew', session: 1, ended: [] })
    expect(apply(ask(1, 2, 'l'))).toEqual({ is: 'held', token: 4 })
  })

  it('what one entry grants at once has tokens one after the other, and later ones are greater', async () => {
    const { table, apply } = log()
    apply(OPEN)
    const reader = { claims: [{ key: 'k', shared: true, permits: 1, limit: 1 }] }
    apply(ask(1, 1, 'k'))
    for (const number of [2, 3, 4]) apply(ask(1, number, 'k', reader))
    apply({ op: 'end', session: 1, number: 1 })
    expect([2, 3, 4].map((number) => table.find(1, number)?.token)).toEqual([6, 7, 8])
    // Also on a node that has it all from a snapshot.
    const copy = new ReplicatedTable()
    await copy.restore(inPieces(table.snapshot(), 10))
    const next = ask(1, 5, 'l')
    expect(copy.apply(next, { index: table.index + 1, term: 1 })).toEqual({ is: 'held', token: 9 })
    expect(apply(next)).toEqual({ is: 'held', token: 9 })
  })

  it('a request that comes twice is one request, and answered as it stands', () => {
    const { table, apply } = log()
    apply(OPEN)
    const first = apply(ask(1, 1, 'k'))
    expect(apply(ask(1, 1, 'k'))).toEqual(first)
    apply(ask(1, 2, 'k'))
    expect(apply(ask(1, 2, 'k'))).toEqual({ is: 'waiting' })
    apply({ op: 'end', session: 1, number: 1 })
    expect(apply(ask(1, 2, 'k'))).toEqual({ is: 'held', token: 6 })
    expect(table.find(1, 2)).toMatchObject({ token: 6, version: 6 })
  })

  it('a request that arrives after it was ended is nothing any more', () => {
    const { apply } = log()
    apply(OPEN)
    apply({ op: 'end', session: 1, number: 7 })
    expect(apply(ask(1, 7, 'k'))).toEqual({ is: 'gone' })
    // Once all below are answered the number need not be remembered.
    expect(apply(ask(1, 9, 'l', { oldest: 9 }))).toMatchObject({ is: 'held' })
    expect(apply(ask(1, 8, 'k'))).toEqual({ is: 'gone' })
    expect(apply(ask(1, 7, 'k'))).toEqual({ is: 'gone' })
  })

  it('a lease ends only by the leader of the term, and only if it has not begun anew', () => {
    const { table, apply } = log()
    apply(OPEN)
    apply(ask(1, 1, 'k'))
    const expire = { op: 'expire', term: 1, session: 1, number: 1, version: 2 } as const
    expect(apply(expire, 2)).toEqual({ is: 'gone' })
    apply({ op: 'extend', session: 1, number: 1, ttlMs: 700 })
    expect(apply(expire)).toEqual({ is: 'gone' })
    expect(table.find(1, 1)).toMatchObject({ state: 'held', ttlMs: 700, version: 4 })
    expect(apply({ ...expire, version: 4 })).toEqual({ is: 'done' })
    expect(table.find(1, 1)).toBeUndefined()
  })

  it('with a session its waiters end, and locks without a lease of their own; the others stay', () => {
    const { table, apply } = log()
    apply(OPEN)
    apply(OPEN)
    apply(ask(1, 1, 'leased'))
    apply(ask(1, 2, 'bound', { ttlMs: 0 }))
    apply(ask(1, 3, 'bound'))
    apply(ask(2, 1, 'bound'))
    expect(apply({ op: 'expire', term: 1, session: 1, version: 2 })).toEqual({ is: 'gone' })
    expect(apply({ op: 'expire', term: 1, session: 1, version: 5 })).toEqual({ is: 'done' })
    expect([1, 2, 3].map((number) => table.find(1, number)?.state)).toEqual(['held', undefined, undefined])
    expect(table.find(2, 1)?.state).toBe('held')
    expect(apply(ask(1, 4, 'other'))).toEqual({ is: 'gone' })
    expect(apply({ op: 'extend', session: 1, number: 1, ttlMs: 0 })).toEqual({ is: 'gone' })
    expect(apply({ op: 'extend', session: 1, number: 1, ttlMs: 900 })).toEqual({ is: 'done' })
    // Nothing keeps it in memory any longer than that.
    apply({ op: 'end', session: 1, number: 1 })
    expect([...table.sessions].map(({ id }) => id)).toEqual([2])
  })

  it('an owner without requests is forgotten', () => {
    const { table, apply } = log()
    apply(OPEN)
    const owner = { key: '1/1', name: 'one', priority: 0 }
    apply(ask(1, 1, 'k', { owner }))
    apply(ask(1, 2, 'k', { owner: { ...owner, key: '1/2' }, wait: false }))
    expect(written(table).match(/\["owner"/g)).toHaveLength(1)
    apply({ op: 'end', session: 1, number: 1 })
    expect(written(table)).not.toContain('owner')
  })

  it('values are written by whoever has seen the newest, and no version comes twice', () => {
    const { table, apply } = log()
    const write = (expected: number, text?: string): Answer =>
      apply({ op: 'write', key: 'k', expected, ...(text !== undefined && { text }) })
    expect(write(0, 'one')).toEqual({ is: 'done' })
    expect(write(0, 'two')).toEqual({ is: 'gone' })
    expect(write(1, 'two')).toEqual({ is: 'done' })
    expect(table.value('k')).toEqual({ text: 'two', version: 3 })
    expect(write(3)).toEqual({ is: 'done' })
    expect(write(3, 'three')).toEqual({ is: 'gone' })
    expect(write(0, 'three')).toEqual({ is: 'done' })
    expect(table.value('k')).toEqual({ text: 'three', version: 6 })
  })

  it('answers what it does not understand, and goes on', () => {
    const { apply } = log()
    expect(apply({ op: 'later' } as unknown as Command)).toEqual({ is: 'unknown' })
    expect(apply(OPEN)).toEqual({ is: 'open', session: 2 })
  })
})
