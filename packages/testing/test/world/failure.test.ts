import { afterEach, expect, test } from 'vitest'
import { createWorld, TestingError } from '../../src/index.ts'

async function failureOf(run: Promise<unknown>): Promise<TestingError> {
  try {
    await run
  } catch (error) {
    if (error instanceof TestingError) return error
    throw error
  }
  throw new Error('it did not fail')
}

test('a task that throws fails the run, with the seed, the time and the last events', async () => {
  const world = createWorld({ seed: 0x9f3a })
  const cause = new Error('two leaders')
  world.schedule(5, () => world.note('something before'))
  world.schedule(10, () => {
    throw cause
  })
  const error = await failureOf(world.run(100))
  expect(error.code).toBe('TESTING_RUN_FAILED')
  expect(error.cause).toBe(cause)
  expect(error.message).toContain('two leaders')
  expect(error.message).toContain('seed 0x9f3a, at 10 ms')
  expect(error.message).toContain('something before')
  // A failed world stays failed: nothing after the first error means anything.
  expect(await failureOf(world.run(100))).toBe(error)
})

test('a boot function that rejects fails the run', async () => {
  const world = createWorld({ seed: 1 })
  world.addNode('a', () => Promise.reject(new Error('damaged disk')))
  expect((await failureOf(world.run(1))).message).toContain('damaged disk')
})

test('a broken invariant fails the run at the event that broke it', async () => {
  const world = createWorld({ seed: 1 })
  let money = 100
  using _conserved = world.invariant('money is conserved', () => money === 100)
  world.schedule(10, () => (money = 100))
  world.schedule(20, () => (money = 90))
  world.schedule(30, () => (money = 100))
  expect((await failureOf(world.run(100))).message).toContain('invariant broken: money is conserved')
  expect(world.now).toBe(20)
})

test('a condition that never holds is a timeout', async () => {
  const world = createWorld({ seed: 1 })
  const error = await failureOf(world.runUntil(() => false, { withinMs: 50 }))
  expect(error.code).toBe('TESTING_TIMEOUT')
  expect(world.now).toBe(50)
  expect((await failureOf(world.finish(new Promise(() => undefined), { withinMs: 50 }))).code).toBe(
    'TESTING_TIMEOUT',
  )
})

test('a predicate that throws fails the run', async () => {
  const world = createWorld({ seed: 1 })
  const failing = world.runUntil(() => {
    throw new Error('bad predicate')
  })
  expect((await failureOf(failing)).message).toContain('bad predicate')
})

test('timers that re-arm themselves without end reach the limit of events', async () => {
  const world = createWorld({ seed: 1, maxEvents: 1000 })
  const node = world.addNode('a')
  const again = (): void => void node.host.clock.after(0, again)
  again()
  const error = await failureOf(world.run(1e6))
  expect(error.code).toBe('TESTING_EVENT_LIMIT')
})

test('a world cannot be run twice at a time', async () => {
  const world = createWorld({ seed: 1 })
  const first = world.run(10)
  expect((await failureOf(world.run(10))).code).toBe('TESTING_BUSY')
  await first
})

test('options out of range are refused by name', () => {
  expect(() => createWorld({ seed: 1, network: { loss: 1.5 } })).toThrow(/network\.loss/)
  expect(() => createWorld({ seed: 1, maxEvents: 0 })).toThrow(/maxEvents/)
  expect(() => createWorld({ seed: 1, nodes: ['a', 'a'] })).toThrow(/'a'/)
  expect(() => createWorld({ seed: 1 }).node('x')).toThrow(/no node 'x'/)
})

type Listener = (reason: unknown) => void

interface ProcessLike {
  listeners(name: 'unhandledRejection'): Listener[]
  on(name: 'unhandledRejection', listener: Listener): void
  removeAllListeners(name: 'unhandledRejection'): void
}

const { process: thisProcess } = globalThis as unknown as { readonly process: ProcessLike }
const runnersListeners = thisProcess.listeners('unhandledRejection')
afterEach(() => {
  thisProcess.removeAllListeners('unhandledRejection')
  for (const listener of runnersListeners) thisProcess.on('unhandledRejection', listener)
})

test('an unhandled rejection inside a run fails it', async () => {
  // The test runner would report the rejection as well: it must not see this one.
  thisProcess.removeAllListeners('unhandledRejection')
  const world = createWorld({ seed: 7 })
  world.schedule(5, () => void Promise.reject(new Error('nobody cares')))
  const error = await failureOf(world.run(10))
  expect(error.message).toContain('nobody cares')
  expect(error.message).toContain('seed 0x7, at 5 ms')
})
