import { expect, test } from 'vitest'
import type { Seed } from '../../src/index.ts'
import { formatSeed, parseSeed, reproLine, runSeeds, seedsFromEnvironment } from '../../src/index.ts'
import { restoreEnvironment, setEnvironment } from './environment.ts'

restoreEnvironment()

function set(one: string | undefined, many: string | undefined): void {
  setEnvironment({
    ...(one !== undefined && { COLONY_SEED: one }),
    ...(many !== undefined && { COLONY_SEEDS: many }),
  })
}

test('seeds come from the options, unless the environment says otherwise', () => {
  set(undefined, undefined)
  expect(seedsFromEnvironment()).toEqual([1])
  expect(seedsFromEnvironment({ count: 3, base: 10 })).toEqual([10, 11, 12])
  set(undefined, '2')
  expect(seedsFromEnvironment({ count: 3, base: 10 })).toEqual([10, 11])
  set('0x9f3a', '2')
  expect(seedsFromEnvironment({ count: 3 })).toEqual([0x9f3a])
  set('7, 0xA,deadbeefdeadbeefdeadbeefdeadbeefdeadbeef', undefined)
  expect(seedsFromEnvironment()).toEqual([7, 10, 'deadbeefdeadbeefdeadbeefdeadbeefdeadbeef'])
  set('', '')
  expect(seedsFromEnvironment({ count: 2 })).toEqual([1, 2])
})

test('what is out of range is refused by name', () => {
  set(undefined, 'many')
  expect(() => seedsFromEnvironment()).toThrow(/COLONY_SEEDS/)
  set('1,,2', undefined)
  expect(() => seedsFromEnvironment()).toThrow(/seed/)
  set(undefined, undefined)
  expect(() => seedsFromEnvironment({ count: 0 })).toThrow(/count/)
  expect(() => seedsFromEnvironment({ base: -1 })).toThrow(/base/)
})

test('seeds survive being written and read', () => {
  const seeds: readonly Seed[] = [0, 1, 0x9f3a, Number.MAX_SAFE_INTEGER, 'abc', '0xdeadbeefdeadbeef']
  for (const seed of seeds) expect(parseSeed(formatSeed(seed))).toBe(seed)
})

test('the line that repeats a failure is one line that a shell understands', () => {
  expect(reproLine({ seed: 0x9f3a, file: 'packages/raft/test/raft.sim.ts' })).toBe(
    'COLONY_SEED=0x9f3a npx vitest run packages/raft/test/raft.sim.ts',
  )
  expect(reproLine({ seed: "it's", file: 'a b.ts', test: 'heals (twice)' })).toBe(
    `COLONY_SEED='it'\\''s' npx vitest run 'a b.ts' -t 'heals (twice)'`,
  )
})

test('a suite runs every seed, the first one twice, and says how to repeat a failure', async () => {
  const ran: Seed[] = []
  const suite = { seeds: [1, 2, 3], file: 'x.sim.ts', test: 'holds' }
  await runSeeds({ ...suite, run: (seed) => Promise.resolve(`hash ${ran.push(seed) > 0}`) })
  expect(ran).toEqual([1, 1, 2, 3])
  const cause = new Error('two leaders')
  const failing = runSeeds({
    ...suite,
    run: (seed) => (seed === 2 ? Promise.reject(cause) : Promise.resolve('')),
  })
  await expect(failing).rejects.toMatchObject({ code: 'TESTING_RUN_FAILED', cause })
  await expect(failing).rejects.toThrow(
    /two leaders[^]*\nCOLONY_SEED=0x2 npx vitest run x\.sim\.ts -t holds$/,
  )
  await expect(runSeeds({ ...suite, seeds: [], run: () => Promise.resolve('') })).rejects.toThrow(/seeds/)
})

test('a run that is not repeatable is found out', async () => {
  let count = 0
  const suite = { seeds: [5], file: 'x.sim.ts', run: () => Promise.resolve(String((count += 1))) }
  await expect(runSeeds(suite)).rejects.toMatchObject({ code: 'TESTING_NOT_DETERMINISTIC' })
})
