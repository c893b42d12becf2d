import { createRandom, type Random } from '@colony/host'
import { describe, expect, it } from 'vitest'
import type { Claim } from '../../src/core/claim.ts'
import { type Answer, LockTable, type RequestOptions } from '../../src/core/lock-table.ts'
import type { TableOwner, TableRequest } from '../../src/core/table-request.ts'

const mutex = (key: string): Claim => ({ key, shared: false, permits: 1, limit: 1 })
const reader = (key: string): Claim => ({ ...mutex(key), shared: true })
const permits = (key: string, count: number, limit: number): Claim => ({
  ...mutex(key),
  permits: count,
  limit,
})

/** A table, and everything that was told of it. */
class Bench {
  readonly told: string[] = []
  readonly cycles: string[] = []
  readonly table = new LockTable({
    granted: (request) => this.told.push(`granted ${this.#names.get(request)}`),
    broken: (request, cycle) => {
      this.told.push(`broken ${this.#names.get(request)}`)
      this.cycles.push(cycle.map(({ waitsFor }) => waitsFor).join(' '))
    },
  })
  readonly #names = new Map<TableRequest, string>()
  #lastId = 0

  owner(priority = 0): TableOwner {
    return { id: ++this.#lastId, priority, requests: new Set() }
  }

  request(name: string, claims: readonly Claim[], owner?: TableOwner): TableRequest {
    const request: TableRequest = { id: ++this.#lastId, owner, claims, state: 'new', token: 0 }
    this.#names.set(request, name)
    return request
  }

  ask(
    name: string,
    claims: readonly Claim[],
    owner?: TableOwner,
    options?: RequestOptions,
  ): { readonly answer: Answer; readonly request: TableRequest } {
    const request = this.request(name, claims, owner)
    return { answer: this.table.request(request, options), request }
  }
}

describe('a lock table', () => {
  it('grants what nobody holds, in the order in which it is asked for, with tokens that grow', () => {
    const bench = new Bench()
    const first = bench.ask('first', [mutex('a')])
    const second = bench.ask('second', [mutex('a')])
    const third = bench.ask('third', [mutex('a')])
    expect([first.answer, second.answer, third.answer]).toEqual(['held', 'waiting', 'waiting'])
    bench.table.end(first.request)
    expect(bench.told).toEqual(['granted second'])
    bench.table.end(second.request)
    expect(bench.told).toEqual(['granted second', 'granted third'])
    expect([first.request.token, second.request.token, third.request.token]).toEqual([1, 2, 3])
    bench.table.end(third.request)
    expect(bench.table.size).toBe(0)
  })

  it('keeps nobody waiting who does not want to', () => {
    const bench = new Bench()
    bench.ask('holder', [mutex('a')])
    expect(bench.ask('other', [mutex('a')], undefined, { mayWait: false }).answer).toBe('refused')
    expect(bench.ask('both', [mutex('a'), mutex('b')], undefined, { mayWait: false }).answer).toBe('refused')
    expect(bench.ask('b', [mutex('b')], undefined, { mayWait: false }).answer).toBe('held')
  })

  it('passes over who gave up waiting, and serves those behind', () => {
    const bench = new Bench()
    const { request: reading } = bench.ask('reading', [reader('a')])
    const { request: writer } = bench.ask('writer', [mutex('a')])
    expect(bench.ask('later reader', [reader('a')]).answer).toBe('waiting')
    bench.table.end(writer)
    expect(bench.told).toEqual(['granted later reader'])
    bench.table.end(reading)
    expect(bench.told).toEqual(['granted later reader'])
  })

  it('lets readers in together, but not past a writer that waits', () => {
    const bench = new Bench()
    const one = bench.ask('one', [reader('a')])
    const two = bench.ask('two', [reader('a')])
    const writer = bench.ask('writer', [mutex('a')])
    const three = bench.ask('three', [reader('a')])
    const four = bench.ask('four', [reader('a')])
    const answers = [one, two, writer, three, four].map(({ answer }) => answer)
    expect(answers).toEqual(['held', 'held', 'waiting', 'waiting', 'waiting'])
    bench.table.end(one.request)
    expect(bench.told).toEqual([])
    bench.table.end(two.request)
    expect(bench.told).toEqual(['granted writer'])
    bench.table.end(writer.request)
    expect(bench.told).toEqual(['granted writer', 'granted three', 'granted four'])
  })

  it('gives out the permits of a semaphore, in order even where a later one would fit', () => {
    const bench = new Bench()
    const three = bench.ask('three', [permits('a', 3, 5)])
    const four = bench.ask('four', [permits('a', 4, 5)])
    const one = bench.ask('one', [permits('a', 1, 5)])
    expect([three.answer, four.answer, one.answer]).toEqual(['held', 'waiting', 'waiting'])
    bench.table.end(three.request)
    expect(bench.told).toEqual(['granted four', 'granted one'])
    expect(bench.ask('mutex', [mutex('a')]).answer).toBe('mismatch')
  })

  it('takes several keys together or not at all', () => {
    const bench = new Bench()
    const b = bench.ask('b', [mutex('b')])
    const both = bench.ask('both', [mutex('a'), mutex('b')])
    expect(both.answer).toBe('waiting')
    expect(bench.ask('a', [mutex('a')]).answer).toBe('waiting')
    bench.table.end(b.request)
    expect(bench.told).toEqual(['granted both'])
    bench.table.end(both.request)
    expect(bench.told).toEqual(['granted both', 'granted a'])
  })

  it('refuses an owner what it holds itself, and what would exceed a semaphore with its own', () => {
    const bench = new Bench()
    const owner = bench.owner()
    bench.ask('a', [mutex('a')], owner)
    bench.ask('r', [reader('r')], owner)
    bench.ask('s', [permits('s', 3, 5)], owner)
    expect(bench.ask('a again', [mutex('a')], owner).answer).toBe('reentrant')
    expect(bench.ask('upgrade', [mutex('r')], owner).answer).toBe('reentrant')
    expect(bench.ask('r again', [reader('r')], owner).answer).toBe('held')
    expect(bench.ask('s again', [permits('s', 2, 5)], owner).answer).toBe('held')
    expect(bench.ask('s too much', [permits('s', 1, 5)], owner).answer).toBe('reentrant')
  })
})

describe('a deadlock', () => {
  /** Two owners hold a key each and want the other's; the second one closes the cycle. */
  const closed = (
    first: number,
    second: number,
    options: RequestOptions,
  ): { readonly bench: Bench; readonly answer: Answer } => {
    const bench = new Bench()
    const one = bench.owner(first)
    const two = bench.owner(second)
    bench.ask('a', [mutex('a')], one)
    bench.ask('b', [mutex('b')], two)
    bench.ask('c', [mutex('c')], two)
    expect(bench.ask('one wants b', [mutex('b')], one).answer).toBe('waiting')
    return { bench, answer: bench.ask('two wants a', [mutex('a')], two, options).answer }
  }

  it('costs the youngest all its locks, and the others go on', () => {
    const { bench, answer } = closed(0, 0, {})
    expect(answer).toBe('deadlock')
    expect(bench.told).toEqual(['broken b', 'broken c', 'granted one wants b'])
    expect(bench.cycles[0]).toBe('a b')
    expect(bench.table.size).toBe(2)
  })

  it('costs whoever holds least, or matters least, or asked, where that is wanted', () => {
    expect(closed(0, 0, { victim: 'fewest-locks' }).bench.told).toEqual(['broken a', 'broken one wants b'])
    expect(closed(0, 0, { victim: 'fewest-locks' }).answer).toBe('held')
    expect(closed(1, 2, { victim: 'lowest-priority' }).answer).toBe('held')
    expect(closed(2, 1, { victim: 'lowest-priority' }).answer).toBe('deadlock')
    expect(closed(1, 2, { victim: 'requester' }).answer).toBe('deadlock')
  })

  it('does not come about by wait-die: who is younger than one in its way gives up at once', () => {
    const { bench, answer } = closed(0, 0, { waitDie: true })
    expect(answer).toBe('deadlock')
    // Only the request: what the owner does about its locks is its own affair.
    expect(bench.told).toEqual([])
    const old = bench.owner()
    const young = bench.owner()
    bench.ask('k', [mutex('k')], young)
    expect(bench.ask('old', [mutex('k')], old, { waitDie: true }).answer).toBe('waiting')
  })

  it('of the order of queues alone is broken by letting somebody pass', () => {
    const bench = new Bench()
    const owner = bench.owner()
    bench.ask('b', [mutex('b')], owner)
    expect(bench.ask('both', [mutex('a'), mutex('b')]).answer).toBe('waiting')
    // Nobody holds a; but the other one is before it in the queue, and waits for the owner's b.
    expect(bench.ask('a', [mutex('a')], owner).answer).toBe('held')
    const { request } = bench.ask('reading', [reader('r')], owner)
    bench.ask('writer', [mutex('r')])
    expect(bench.ask('reading again', [reader('r')], owner).answer).toBe('held')
    expect(bench.told).toEqual([])
    bench.table.end(request)
    expect(bench.told).toEqual([])
  })

  it('is none where another holder of a semaphore will end', () => {
    const bench = new Bench()
    const one = bench.owner()
    const two = bench.owner()
    const free = bench.ask('free', [permits('s', 1, 2)])
    bench.ask('s', [permits('s', 1, 2)], one)
    bench.ask('m', [mutex('m')], two)
    expect(bench.ask('two wants s', [permits('s', 1, 2)], two).answer).toBe('waiting')
    expect(bench.ask('one wants m', [mutex('m')], one).answer).toBe('waiting')
    bench.table.end(free.request)
    expect(bench.told).toEqual(['granted two wants s'])
  })

  it('of a semaphore is found when the last holder that could have ended waits, too', () => {
    const bench = new Bench()
    const [one, two, three] = [bench.owner(), bench.owner(), bench.owner()]
    bench.ask('s1', [permits('s', 1, 2)], one)
    bench.ask('s2', [permits('s', 1, 2)], two)
    bench.ask('m', [mutex('m')], three)
    expect(bench.ask('three wants s', [permits('s', 1, 2)], three).answer).toBe('waiting')
    expect(bench.ask('one wants m', [mutex('m')], one).answer).toBe('waiting')
    expect(bench.ask('two wants m', [mutex('m')], two).answer).toBe('waiting')
    expect(bench.told).toEqual(['broken m', 'broken three wants s', 'granted one wants m'])
  })
})

/** How many requests wait for ever, by brute force: whoever can be given all that it wants ends, and gives back all that it has. */
function stuckRequests(requests: readonly TableRequest[]): number {
  const party = (request: TableRequest): unknown => request.owner ?? request
  let waiting = requests.filter(({ state }) => state === 'waiting')
  let holding = requests.filter(({ state }) => state === 'held')
  for (;;) {
    const busy = new Set(waiting.map(party))
    holding = holding.filter((request) => busy.has(party(request)))
    const next = [...busy].find((candidate) => {
      let held = holding
      return waiting.every((request) => {
        if (party(request) !== candidate) return true
        const fitting = fits(request, held)
        held = [...held, request]
        return fitting
      })
    })
    if (next === undefined) return waiting.length
    waiting = waiting.filter((request) => party(request) !== next)
  }
}

function fits(request: TableRequest, holding: readonly TableRequest[]): boolean {
  return request.claims.every((claim) => {
    const held = holding.flatMap(({ claims }) => claims.filter(({ key }) => key === claim.key))
    if (held.length === 0) return true
    if (claim.shared) return held.every(({ shared }) => shared)
    if (held.some(({ shared }) => shared)) return false
    return held.reduce((sum, { permits: count }) => sum + count, claim.permits) <= claim.limit
  })
}

function drawClaims(random: Random): Claim[] {
  const keys = new Set(Array.from({ length: random.integer(1, 3) }, () => random.integer(0, 3)))
  return [...keys]
    .sort((one, other) => one - other)
    .map((key) => {
      // Keys 0 and 1 are mutexes and readers' locks, 2 and 3 semaphores.
      if (key < 2) return random.float() < 0.4 ? reader(`k${key}`) : mutex(`k${key}`)
      return permits(`k${key}`, random.integer(1, 2), 3)
    })
}

describe('whatever is asked for', () => {
  it('nobody is ever stuck, nobody holds too much, and nobody is broken for nothing', () => {
    let broken = 0
    let passed = 0
    for (let seed = 1; seed <= 400; seed++) {
      const random = createRandom(seed, 'locks')
      const requests: TableRequest[] = []
      const owners: TableOwner[] = []
      let stuckBefore = 0
      const table = new LockTable({
        granted: () => {},
        broken: () => {
          broken++
          expect(stuckBefore, `seed ${seed}: somebody was broken, and nobody was stuck`).toBeGreaterThan(0)
        },
      })
      for (let id = 1; id <= 60; id++) {
        if (owners.length < 4) owners.push({ id: -10 + owners.length, priority: 0, requests: new Set() })
        const active = requests.filter(({ state }) => state === 'held' || state === 'waiting')
        if (active.length > 0 && random.float() < 0.4) {
          stuckBefore = 0
          table.end(active[random.integer(0, active.length - 1)] as TableRequest)
        } else {
          const owner = random.float() < 0.7 ? owners[random.integer(0, 3)] : undefined
          const request: TableRequest = { id, owner, claims: drawClaims(random), state: 'new', token: 0 }
          const asIfWaiting = { ...request, state: 'waiting' as const }
          stuckBefore = stuckRequests([...requests, asIfWaiting])
          const answer = table.request(request)
          if (answer === 'deadlock') broken++
          if (answer === 'deadlock') expect(stuckBefore, `seed ${seed}`).toBeGreaterThan(0)
          if (answer === 'held' && stuckBefore > 0) passed++
          requests.push(request)
        }
        expect(stuckRequests(requests), `seed ${seed}, step ${id}`).toBe(0)
        const held = requests.filter(({ state }) => state === 'held')
        for (const request of held) {
          const others = held.filter((other) => other !== request)
          expect(fits(request, others), `seed ${seed}, step ${id}`).toBe(true)
        }
      }
    }
    expect(broken).toBeGreaterThan(100)
    expect(passed).toBeGreaterThanOrEqual(0)
  })
})
