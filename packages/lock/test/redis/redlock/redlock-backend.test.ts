import { createHash } from 'node:crypto'
import { createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { createLocks, type LockBackend, type Locks } from '../../../src/index.ts'
import { redlockBackend, type RedlockCapabilities, type RedlockOptions } from '../../../src/redis/index.ts'
import { ACQUIRE, EXTEND, RELEASE } from '../../../src/redis/redlock/scripts.ts'
import { type Answer, type Outcome, Tally } from '../../../src/redis/redlock/tally.ts'
import { ManualClock } from '../../runtime/manual-clock.ts'
import { type PlayedLink, type PlayedOptions, PlayedRedis } from './played-servers.ts'

interface World {
  readonly clock: ManualClock
  readonly servers: readonly PlayedRedis[]
  /** A process of its own. */
  readonly process: (options?: RedlockOptions) => {
    readonly backend: LockBackend<RedlockCapabilities>
    readonly locks: Locks<RedlockCapabilities>
    readonly links: readonly PlayedLink[]
  }
  readonly held: (key: string) => number
}

function played(seed: number, count = 5, options: Partial<PlayedOptions> = {}): World {
  const clock = new ManualClock()
  const random = createRandom(seed)
  const drift = random.fork('drift')
  const servers = Array.from({ length: count }, (_, index) => {
    const rate = 0.996 + 0.008 * drift.float()
    return new PlayedRedis({ clock, random: random.fork(`server ${index}`), rate, ...options })
  })
  let processes = 0
  return {
    clock,
    servers,
    process: (more = {}) => {
      const links = servers.map((server) => server.link())
      const own = { clock, random: random.fork(`process ${(processes += 1)}`) }
      const backend = redlockBackend(links, { ...own, restartDelay: 10_000, ...more })
      return { backend, locks: createLocks(backend, own), links }
    },
    held: (key) => servers.filter(({ keyspace }) => keyspace.has(key)).length,
  }
}

/** Time passes until a promise has come to something. */
async function until<Value>(clock: ManualClock, promise: Promise<Value>): Promise<Value> {
  let isOver = false
  const over = (): void => void (isOver = true)
  promise.then(over, over)
  for (let step = 0; step < 20_000 && !isOver; step++) await clock.run(5)
  return await promise
}

describe('the votes of several servers', () => {
  it('are counted as brute force counts them, and decided as early as they can be', () => {
    const answers: readonly Answer[] = ['yes', 'no', 'unable']
    const final = (given: readonly Answer[]): Outcome => {
      const of = (answer: Answer): number => given.filter((each) => each === answer).length
      const majority = Math.floor(given.length / 2) + 1
      if (of('yes') >= majority) return 'yes'
      if (given.length - of('no') < majority) return 'no'
      return given.length - of('unable') < majority ? 'unable' : 'split'
    }
    for (let servers = 1; servers <= 6; servers++) {
      for (let code = 0; code < 3 ** servers; code++) {
        const given = Array.from(
          { length: servers },
          (_, at) => answers[Math.floor(code / 3 ** at) % 3] ?? 'no',
        )
        const tally = new Tally(servers)
        given.forEach((answer, at) => {
          tally.add(answer)
          const rest = servers - at - 1
          const yes = given.slice(0, at + 1).filter((each) => each === 'yes').length
          const canBeYes = yes + rest >= Math.floor(servers / 2) + 1
          const isYes = yes >= Math.floor(servers / 2) + 1
          expect(tally.outcome === undefined).toBe(canBeYes && !isYes)
          if (isYes) expect(tally.outcome).toBe('yes')
        })
        if (final(given) === 'yes' || servers % 2 === 0) continue
        // The last answers may not have been waited for: what was said before is never a yes.
        expect(tally.outcome).not.toBe('yes')
      }
    }
  })
})

describe('scripts of Redlock', () => {
  it('are known by the hashes of their sources', () => {
    for (const { source, sha1 } of [ACQUIRE, EXTEND, RELEASE])
      expect(createHash('sha1').update(source).digest('hex')).toBe(sha1)
  })
})

describe('a lock of a majority', () => {
  it('is lost to its holder no later than to the servers, in a thousand partitions', async () => {
    for (let trial = 0; trial < 1000; trial++) {
      const { clock, servers, process, held } = played(trial, 5, { latencyMs: trial % 20 })
      const random = createRandom(trial, 'cuts')
      const { locks, links } = process()
      const ttl = random.integer(100, 2000)
      const lock = await until(clock, locks.acquire('k', { ttl, autoExtend: trial % 2 === 0 }))
      await clock.run(random.float() * 2 * ttl * (trial % 2 === 0 ? 1 : 0.4))
      if (!lock.isHeld) throw new Error('lost on a sound network')
      const which = (['there', 'back', 'both'] as const)[trial % 3] ?? 'both'
      const dead = links.filter((_, index) => index < 3 || random.float() < 0.5)
      for (const link of dead) link.cut(which)
      let leftWhenTold: number | undefined
      lock.signal.addEventListener('abort', () => (leftWhenTold = held('k')))
      const other = process()
      const next = other.locks.acquire('k', { ttl: 9000, wait: 60_000 }).then((taken) => {
        expect(leftWhenTold, `trial ${trial}`).toBeDefined()
        return taken
      })
      await until(clock, next)
      // No server of the majority had let it go.
      expect(leftWhenTold, `trial ${trial}`).toBeGreaterThanOrEqual(3)
      expect(servers).toHaveLength(5)
    }
  }, 120_000)

  it('leaves no key, whenever the waiting for it is ended', async () => {
    for (let at = 0; at <= 240; at++) {
      const { clock, process, held, servers } = played(at, 5, { latencyMs: 8 })
      const holder = process()
      const waiter = process()
      const lock = await until(clock, holder.locks.acquire('k', { ttl: 9000 }))
      const aborter = new AbortController()
      const kind = at % 4
      if (kind === 1) waiter.links[1]?.cut('back')
      if (kind === 2) for (const link of waiter.links.slice(0, 2)) link.loses = true
      clock.after(at / 2, () => aborter.abort(new Error('given up')))
      clock.after(20, () => void lock.release())
      if (kind === 3) clock.after(22, () => servers[2]?.restart())
      const asked = waiter.locks.acquire('k', { ttl: 9000, signal: aborter.signal })
      const ended = await until(clock, asked).catch(String)
      for (const link of waiter.links) link.heal()
      if (typeof ended === 'object') await until(clock, ended.release())
      // Far less than the lease.
      await clock.run(3000)
      expect(held('k'), `aborted after ${at / 2} ms`).toBe(0)
    }
  }, 60_000)

  it('leaves no key on a server whose connection was lost with the vote, once there is another', async () => {
    const { clock, process, held } = played(10)
    const { locks, links } = process()
    await until(
      clock,
      locks.acquire('warm').then((lock) => lock.release()),
    )
    for (const link of links) Object.assign(link, { loses: true, staysDown: true })
    const refused = await until(clock, locks.tryAcquire('k', { ttl: 9000 }).catch(String))
    expect(refused).toMatch(/LOCK_NO_QUORUM.*the connection was lost/)
    await clock.run(500)
    expect(held('k')).toBeGreaterThanOrEqual(3)
    for (const link of links) link.heal()
    await clock.run(3000)
    expect(held('k')).toBe(0)
  })

  it('is not made of a majority that comes together after its time', async () => {
    const { clock, process, held } = played(1)
    const { backend, locks, links } = process()
    await until(
      clock,
      locks.acquire('warm').then((lock) => lock.release()),
    )
    for (const link of links) link.cut('back')
    const claims = [{ key: 'k', shared: false, permits: 1, limit: 1 }]
    const before = clock.now()
    const asked = Promise.resolve(
      backend.acquire({
        ...{ claims, ttlMs: 300, waitMs: 9000, signal: undefined },
        ...{ owner: undefined, victim: undefined, waitDie: false, lost: () => {} },
      }),
    )
    await clock.run(40)
    expect(held('k')).toBe(5)
    // The process stands still: it finds all votes, before any timer has run.
    clock.pause(256)
    for (const link of links) link.heal()
    // They are given back, and it asks again.
    const grant = await until(clock, asked)
    if ('refused' in grant) throw new Error('refused')
    expect(grant.startedAt).toBeGreaterThanOrEqual(before + 296)
    await until(clock, Promise.resolve(backend.release(grant)))
    await clock.run(3)
    expect(held('k')).toBe(0)
  })

  it('is extended by votes that were there all the time, and planted votes count from the next time on', async () => {
    const { clock, process, servers, held } = played(2)
    const { locks } = process()
    const lock = await until(clock, locks.acquire('k', { ttl: 2000 }))
    await clock.run(50)
    // Two servers lose it: the majority stays, and they get it again.
    for (const server of servers.slice(0, 2)) server.keyspace.delete('k')
    expect(await until(clock, lock.extend())).toBe(true)
    await clock.run(50)
    expect(held('k')).toBe(5)
    for (const server of servers.slice(2, 4)) server.keyspace.delete('k')
    expect(await until(clock, lock.extend())).toBe(true)
    await clock.run(50)
    // Three lose it: no majority had it all the time. Nothing is planted, and what is left is given back.
    for (const server of servers.slice(0, 3)) server.keyspace.delete('k')
    expect(await until(clock, lock.extend())).toBe(false)
    expect(lock.signal.reason).toMatchObject({ because: 'stolen' })
    await clock.run(50)
    expect(held('k')).toBe(0)
  })

  it('gets no vote again by an extension that cannot be decided', async () => {
    const { clock, process, servers, held } = played(2)
    const { locks, links } = process()
    const lock = await until(clock, locks.acquire('k', { ttl: 2000 }))
    await clock.run(50)
    for (const server of servers.slice(0, 2)) server.keyspace.delete('k')
    links[2]?.cut('there')
    expect(await until(clock, lock.extend())).toBe(false)
    await clock.run(50)
    expect(held('k')).toBe(3)
    links[2]?.heal()
    expect(await until(clock, lock.extend())).toBe(true)
    await clock.run(50)
    expect(held('k')).toBe(5)
  })

  it('stays what it is while an extension cannot be decided, and is given back at its end', async () => {
    const { clock, process, held } = played(3)
    const { locks, links } = process()
    const lock = await until(clock, locks.acquire('k', { ttl: 2000 }))
    await clock.run(100)
    for (const link of links.slice(0, 3)) link.cut('back')
    expect(await until(clock, lock.extend(9000))).toBe(false)
    expect(lock.isHeld).toBe(true)
    await clock.run(2000)
    expect(lock.isHeld).toBe(false)
    // Not for the nine seconds that some of the servers have granted.
    await clock.run(100)
    expect(held('k')).toBe(0)
  })

  it('is not given by a server that was restarted, until every lock that it may have forgotten is over', async () => {
    const { clock, process, servers } = played(4)
    const { locks } = process({ restartDelay: 3000 })
    const other = process({ restartDelay: 3000 })
    for (const each of [locks, other.locks])
      await until(
        clock,
        each.acquire('k', { ttl: 1000 }).then((lock) => lock.release()),
      )
    const lock = await until(clock, locks.acquire('k', { ttl: 3000 }))
    for (const server of servers.slice(0, 3)) server.restart()
    // Somebody who has just looked, and somebody who is new.
    for (const each of [other.locks, process({ restartDelay: 3000 }).locks]) {
      const refused = await until(clock, each.tryAcquire('other', { ttl: 1000 }).catch(String))
      expect(refused).toMatch(/LOCK_NO_QUORUM.* 3 of 5 servers could not vote.*less than 3000 ms ago/)
    }
    const next = await until(clock, other.locks.acquire('k', { ttl: 1000 }))
    expect(lock.isHeld).toBe(false)
    await until(clock, next.release())
  })

  it('is refused where it could outlive what restarted servers are kept from voting for', async () => {
    const { locks } = played(5).process({ restartDelay: 3000 })
    await expect(locks.acquire('k', { ttl: 3001 })).rejects.toMatchObject({ code: 'LOCK_INVALID_OPTION' })
    await expect(locks.acquire('k', { ttl: Number.POSITIVE_INFINITY })).rejects.toThrow(/no Infinity/)
  })

  it('is not had twice from one server that two clients lead to', async () => {
    const { clock, servers } = played(6, 3)
    const [first, second] = servers
    if (first === undefined || second === undefined) throw new Error('no servers')
    const locks = createLocks(redlockBackend([first.link(), first.link(), first.link()], { clock }), {
      clock,
    })
    const refused = await until(clock, locks.acquire('k').catch(String))
    expect(refused).toMatch(/LOCK_INVALID_OPTION.*two clients lead to one server/)
  })

  it('is asked for again while too few can vote, and that is told when it lasts', async () => {
    const { clock, process } = played(7)
    const { locks, links } = process({ restartDelay: 2000 })
    for (const link of links.slice(0, 3)) link.cut()
    const soon = locks.acquire('k', { ttl: 1000, wait: 500 }).catch(String)
    const later = locks.acquire('k', { ttl: 1000 }).catch(String)
    expect(await until(clock, soon)).toMatch(/LOCK_NO_QUORUM/)
    const before = clock.now()
    expect(await until(clock, later)).toMatch(/LOCK_NO_QUORUM.*no answer in time/)
    expect(clock.now() - before).toBeGreaterThan(2000)
  })

  it('asks each server once for all the votes of one turn, and gives them back by one call', async () => {
    const { clock, process, held } = played(10)
    const { locks, links } = process()
    await until(clock, locks.acquire('known')) // The age of each server was looked at, and its scripts are known.
    const sent = (): readonly number[] => links.map((link) => link.sent)
    const [before, keys] = [sent(), ['a', ['b', 'c'], 'd']]
    const taken = await until(clock, Promise.all(keys.map((key) => locks.tryAcquire(key))))
    expect(taken.map((lock) => lock?.keys)).toEqual([['a'], ['b', 'c'], ['d']])
    expect(sent()).toEqual(before.map((count) => count + 1))
    const released = await until(clock, Promise.all(taken.map(async (lock) => await lock?.release())))
    expect(released).toEqual(Array(3).fill({ released: true }))
    await clock.run(100)
    expect(sent()).toEqual(before.map((count) => count + 2))
    expect(['a', 'b', 'c', 'd'].map((key) => held(key))).toEqual([0, 0, 0, 0])
  })

  it('is had by one of two who ask for a key in the same turn, by one call', async () => {
    const { clock, process, held } = played(11)
    const { locks } = process()
    const asked = [locks.tryAcquire('k'), locks.tryAcquire('k'), locks.tryAcquire(['k', 'l'])]
    const [first, ...others] = await until(clock, Promise.all(asked))
    expect(others).toEqual([undefined, undefined])
    await clock.run(100)
    expect([held('k'), held('l')]).toEqual([5, 0])
    expect(await until(clock, first?.release() ?? Promise.reject(new Error('nobody has it')))).toEqual({
      released: true,
    })
  })

  it('sends no more than a bounded number of questions to a server that answers nothing', async () => {
    const { clock, process } = played(8)
    const { locks, links } = process()
    await until(
      clock,
      locks.acquire('k').then((lock) => lock.release()),
    )
    const dead = links[4]
    dead?.cut()
    const before = dead?.sent ?? 0
    for (let turn = 0; turn < 1000; turn++) {
      const lock = await until(clock, locks.acquire('k'))
      await until(clock, lock.release())
    }
    // A hundred, what came in the first second of silence, and one in each second after it; most of a thousand locks are made without it.
    expect((dead?.sent ?? 0) - before).toBeLessThan(600)
    dead?.heal()
    await clock.run(100)
    const last = dead?.sent ?? 0
    await until(clock, locks.acquire('k'))
    expect((dead?.sent ?? 0) - last).toBe(1)
  })
})

describe('options of Redlock', () => {
  it('are checked at once', () => {
    const [server] = played(9, 1).servers
    const link = server?.link()
    if (link === undefined) throw new Error('no server')
    const make = (options: object) => () => redlockBackend([link], options)
    expect(() => redlockBackend([])).toThrow(/LOCK_INVALID_OPTION.*1 to 99/)
    expect(() => redlockBackend([link, link])).toThrow(/there twice/)
    expect(make({ dialect: 'redisson' })).toThrow(/dialect/)
    expect(make({ restartDelay: -1 })).toThrow(/restartDelay/)
    expect(make({ nodeTimeout: 0 })).toThrow(/nodeTimeout/)
    expect(make({ retryDelay: 0 })).toThrow(/retryDelay/)
  })
})
