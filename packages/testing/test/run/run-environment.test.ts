import { expect, test } from 'vitest'
import { baseOf, runEnvironment } from '../../src/run/run-environment.ts'
import { nextSeed } from '../../src/run/seed.ts'
import { seedsFromEnvironment } from '../../src/run/seeds.ts'
import { SeedSource } from '../../src/run/seed-source.ts'
import { restoreEnvironment, setEnvironment } from './environment.ts'

restoreEnvironment()

test('every variable is read, and one that is empty is not set', () => {
  setEnvironment({})
  expect(runEnvironment()).toEqual({ trace: false })
  setEnvironment({ COLONY_SEED: '', COLONY_SEEDS: '', COLONY_BASE: '', COLONY_TIME: '', COLONY_TRACE: '' })
  expect(runEnvironment()).toEqual({ trace: false })
  setEnvironment({
    COLONY_SEED: '1,x',
    COLONY_SEEDS: '7',
    COLONY_BASE: '0x10',
    COLONY_TIME: '1.5',
    COLONY_TRACE: '1',
  })
  expect(runEnvironment()).toEqual({ seeds: [1, 'x'], count: 7, base: 16, timeMs: 1500, trace: true })
  setEnvironment({ COLONY_TRACE: '0' })
  expect(runEnvironment().trace).toBe(false)
})

test.each([
  ['COLONY_SEEDS', '0'],
  ['COLONY_SEEDS', '1.5'],
  ['COLONY_TIME', 'long'],
  ['COLONY_TIME', '-1'],
])('%s=%s is refused by name', (name, value) => {
  setEnvironment({ [name]: value })
  expect(() => runEnvironment()).toThrow(expect.objectContaining({ code: 'TESTING_INVALID_OPTION' }))
  expect(() => runEnvironment()).toThrow(new RegExp(name))
})

test('a base of any text is a number, the same for the same text, and seeds begin with it', () => {
  const commit = '71258dea2cb3f1c8e1f8ab6a2d4f0e9f3b7c5d11'
  const base = baseOf(commit)
  expect(base).toBe(baseOf(commit))
  expect(base).not.toBe(baseOf(`${commit.slice(0, -1)}2`))
  expect(Number.isSafeInteger(base) && base > 2 ** 24 && base < 2 ** 48).toBe(true)
  setEnvironment({ COLONY_BASE: commit, COLONY_SEEDS: '3' })
  expect(seedsFromEnvironment({ base: 5, count: 100 })).toEqual([base, base + 1, base + 2])
  setEnvironment({ COLONY_BASE: '1000' })
  expect(seedsFromEnvironment({ base: 5, count: 2 })).toEqual([1000, 1001])
})

test('seeds go on by counting, texts too', () => {
  expect(nextSeed(41)).toBe(42)
  expect(nextSeed('commit')).toBe('commit+1')
  expect(nextSeed('commit+9')).toBe('commit+10')
  expect(nextSeed('a+b')).toBe('a+b+1')
})

test('a source gives its seeds, and new ones only while there is time', () => {
  const given = new SeedSource([5, 9], 0)
  expect([given.next(), given.next(), given.next()]).toEqual([5, 9, undefined])
  const more = new SeedSource([5], 1e9)
  expect([more.next(), more.next(), more.next()]).toEqual([5, 6, 7])
})
