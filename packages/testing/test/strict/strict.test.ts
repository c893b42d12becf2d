import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns'
import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import http from 'node:http'
import { connect, createServer, Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { TestingError } from '../../src/errors.ts'
import { forbiddenPlaces } from '../../src/strict/forbidden.ts'
import { createCoreCluster } from '../../src/cores/core-cluster.ts'
import { createWorld } from '../../src/world/world.ts'

const nothing = (): void => undefined

const FORBIDDEN: Readonly<Record<string, () => unknown>> = {
  setTimeout: () => setTimeout(nothing, 0),
  setInterval: () => setInterval(nothing, 0),
  setImmediate: () => setImmediate(nothing),
  'Date.now': () => Date.now(),
  'new Date()': () => new Date(),
  'Date()': () => Reflect.apply(Date, undefined, []),
  'performance.now': () => performance.now(),
  'process.hrtime': () => process.hrtime(),
  'process.hrtime.bigint': () => process.hrtime.bigint(),
  'Math.random': () => Math.random(),
  'crypto.getRandomValues': () => crypto.getRandomValues(new Uint8Array(1)),
  'crypto.randomUUID': () => crypto.randomUUID(),
  'node:crypto.randomBytes': () => randomBytes(1),
  fetch: () => fetch('http://127.0.0.1:1'),
  'AbortSignal.timeout': () => AbortSignal.timeout(1),
  'node:timers/promises.setTimeout': () => wait(0),
  'node:net.connect': () => connect(1),
  'node:net.Socket.connect': () => new Socket().connect(1),
  'node:net.Server.listen': () => createServer().listen(0),
  'node:dgram.Socket.bind': () => createSocket('udp4').bind(0),
  'node:dgram.Socket.send': () => createSocket('udp4').send('x', 1),
  'node:http.request': () => http.request('http://127.0.0.1:1'),
  'node:dns.lookup': () => lookup('localhost', nothing),
  'node:fs.existsSync': () => existsSync('/'),
  'node:fs.readFileSync': () => readFileSync('/etc/hostname'),
  'node:fs/promises.readFile': () => readFile('/etc/hostname'),
}

/** What each forbidden place holds, as seen from outside a run. */
function looks(): unknown[] {
  const places = forbiddenPlaces().flatMap(({ owner, key }) => [
    Object.getOwnPropertyDescriptor(owner, key)?.value as unknown,
    (owner as Record<string, unknown>)[key],
  ])
  return [Date, existsSync, readFile, connect, ...places]
}

/** Places of what is not as it was. */
function changed(before: readonly unknown[]): number[] {
  return looks().flatMap((each, place) => (Object.is(each, before[place]) ? [] : [place]))
}

describe('strict mode', () => {
  test.each(Object.entries(FORBIDDEN))('%s throws with the stack of the caller', async (name, act) => {
    const before = looks()
    const world = createWorld({ seed: 1, strict: true, nodes: ['a'] })
    let thrown: unknown
    const callerOfReality = async (): Promise<void> => {
      await Promise.resolve()
      act()
    }
    world.schedule(1, () => {
      callerOfReality().catch((error: unknown) => {
        thrown = error
      })
    })
    // The code swallowed what it was thrown; the run fails all the same.
    await expect(world.run(10)).rejects.toMatchObject({ code: 'TESTING_NOT_SIMULATED' })
    expect(thrown).toBeInstanceOf(TestingError)
    expect((thrown as Error).message).toContain(`${name} was called inside a strict simulation`)
    const [, first = ''] = ((thrown as Error).stack ?? '').split('\n    at ')
    expect(first).toContain('strict.test.ts')
    expect(changed(before)).toEqual([])
  })

  test('leaves alone what is repeatable, and the code of others between its turns', async () => {
    const world = createWorld({ seed: 1, strict: true, nodes: ['a'] })
    const { clock, random } = world.node('a').host
    const log: unknown[] = []
    let outside = 0
    // Not part of the simulation: a test runner's timer, say.
    const timer = setInterval(() => (outside += Date.now() > 0 ? 1 : 0), 0)
    const loop = async (): Promise<void> => {
      for (let count = 0; count < 2000; count += 1) {
        await new Promise<void>((resolve) => void clock.after(1, resolve))
        await Promise.resolve()
        queueMicrotask(nothing)
        random.float()
      }
      log.push(new Date(5).getTime(), new Date(0) instanceof Date, Date.UTC(1970), Math.max(1, 2))
    }
    const finished = loop()
    await world.finish(finished)
    clearInterval(timer)
    expect(log).toEqual([5, true, 0, 2])
    expect(outside).toBeGreaterThan(0)
    expect(Date.now()).toBeGreaterThan(0)
  })

  test('is off unless it is asked for', async () => {
    const world = createWorld({ seed: 1 })
    let seen = 0
    world.schedule(1, () => (seen = Date.now()))
    await world.run(10)
    expect(seen).toBeGreaterThan(0)
  })

  test('worlds beside each other: each is held to its own rule, and the last to stop restores', async () => {
    const before = looks()
    const strict = createWorld({ seed: 1, strict: true })
    const longer = createWorld({ seed: 2, strict: true })
    const free = createWorld({ seed: 3 })
    let seen = 0
    const tick = (world: typeof free, each: () => void): void => {
      world.schedule(1, () => {
        each()
        tick(world, each)
      })
    }
    tick(free, () => (seen += Date.now() > 0 ? 1 : 0))
    tick(longer, nothing)
    strict.schedule(500, () => Math.random())
    longer.schedule(1500, () => Math.random())
    const [first, second, third] = await Promise.allSettled([
      strict.run(1000),
      longer.run(2000),
      free.run(1500),
    ])
    expect([first.status, second.status, third.status]).toEqual(['rejected', 'rejected', 'fulfilled'])
    expect(longer.now).toBe(1500)
    expect(seen).toBe(1500)
    expect(changed(before)).toEqual([])
  })

  test('holds for cores too, and a failed run restores everything', () => {
    const before = looks()
    const cluster = createCoreCluster<number>({
      seed: 1,
      nodes: ['a'],
      strict: true,
      start: () => ({ step: () => void Math.random() }),
    })
    cluster.node('a').input(1)
    expect(() => cluster.run(10)).toThrow(/Math\.random was called inside a strict simulation/)
    expect(changed(before)).toEqual([])
    expect(Math.random()).toBeLessThan(1)
  })
})
