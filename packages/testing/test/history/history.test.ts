import { expect, test } from 'vitest'
import { checkLinearizable, createWorld, History, registerModel } from '../../src/index.ts'

test('records calls and outcomes with times of its clock', async () => {
  const world = createWorld({ seed: 1 })
  const history = new History(world)
  const write = history.invoke('client 1', 'write', 'x', 5)
  const lost = history.invoke('client 2', 'write', 'x', 6)
  await world.run(10)
  write.ok()
  lost.unknown()
  const read = history.invoke('client 1', 'read', 'x')
  await world.run(5)
  read.ok(5)
  history.invoke('client 1', 'read', 'x').fail()
  history.invoke('client 3', 'read', 'x')
  expect(history.operations).toEqual([
    { process: 'client 1', f: 'write', key: 'x', value: 5, outcome: 'ok', invokedAt: 0, completedAt: 10 },
    {
      process: 'client 2',
      f: 'write',
      key: 'x',
      value: 6,
      outcome: 'unknown',
      invokedAt: 0,
      completedAt: Infinity,
    },
    { process: 'client 1', f: 'read', key: 'x', outcome: 'ok', result: 5, invokedAt: 10, completedAt: 15 },
    { process: 'client 1', f: 'read', key: 'x', outcome: 'fail', invokedAt: 15, completedAt: 15 },
    { process: 'client 3', f: 'read', key: 'x', outcome: 'unknown', invokedAt: 15, completedAt: Infinity },
  ])
  expect(history.counts).toEqual({ ok: 2, fail: 1, unknown: 2 })
  expect(checkLinearizable(registerModel(), history.operations).verdict).toBe('ok')
})

test('an operation ends once', () => {
  const handle = new History({ now: () => 0 }).invoke(0, 'read')
  handle.ok(1)
  expect(() => handle.unknown()).toThrow(/only once/)
})

test('record follows a promise', async () => {
  const history = new History({ now: () => 1 })
  const failing = async (): Promise<never> => await Promise.reject(new Error('timeout'))
  expect(
    await history.record(
      { process: 0, f: 'read' },
      () => Promise.resolve(3),
      () => 'fail',
    ),
  ).toBe(3)
  expect(await history.record({ process: 0, f: 'write', value: 1 }, failing, () => 'unknown')).toBeUndefined()
  expect(await history.record({ process: 0, f: 'write', value: 1 }, failing, () => 'fail')).toBeUndefined()
  expect(history.operations.map(({ outcome }) => outcome)).toEqual(['ok', 'unknown', 'fail'])
})
