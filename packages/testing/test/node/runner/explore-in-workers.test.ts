import { expect, test, vi } from 'vitest'
import type { WorkerOptions } from '../../../src/node/index.ts'
import { exploreInWorkers } from '../../../src/node/index.ts'
import { explore } from '../../../src/run/explore.ts'
import { restoreEnvironment, setEnvironment } from '../../run/environment.ts'
import { failing, sound } from './worker-suites.ts'

// Threads have to load TypeScript first.
vi.setConfig({ testTimeout: 60_000 })
restoreEnvironment()

const file = 'test/counter.sim.ts'
const options = (name: string, more: Partial<WorkerOptions> = {}): WorkerOptions => ({
  module: new URL('worker-suites.ts', import.meta.url),
  export: name,
  file,
  workers: 2,
  preload: [new URL('load-typescript.mjs', import.meta.url)],
  ...more,
})

async function thrownBy(work: Promise<unknown>): Promise<Error> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof Error) return error
  throw new Error('nothing was thrown')
}

test('the report is the same as without threads, in whichever order they are done', async () => {
  const seeds = [2, 1, 3, 4, 5, 6, 7]
  const report = await exploreInWorkers(options('sound', { seeds }))
  const alone = await explore(sound, { seeds, file })
  expect(report).toEqual(alone)
  expect(JSON.stringify(report)).toBe(JSON.stringify(alone))
})

test('of the seeds that fail it is the first, however late it says so, and in the same words', async () => {
  const seeds = [1, 2, 3, 4, 5]
  const failure = await thrownBy(exploreInWorkers(options('failing', { seeds })))
  const alone = await thrownBy(explore(failing, { seeds, file }))
  expect(failure.message).toBe(alone.message)
  expect(failure.message).toMatch(/\nCOLONY_SEED=0x2 npx vitest run/)
  expect(failure).toMatchObject({ check: 'linearizability', scenario: { seed: 2 } })
})

test('a thread that dies has failed its seed', async () => {
  const failure = await thrownBy(exploreInWorkers(options('deadly', { seeds: [1, 2, 3, 4] })))
  expect(failure).toMatchObject({ code: 'TESTING_RUN_FAILED' })
  expect(failure.message).toMatch(/seed 0x3 fails: crash: its worker ended with exit code 7\n/)
  expect(failure.message).toMatch(/\nCOLONY_SEED=0x3 npx vitest run test\/counter\.sim\.ts$/)
})

test('a thread that hangs has failed its seed', async () => {
  const endless = options('endless', { seeds: [1, 3], workers: 1, seedTimeoutMs: 6000 })
  const failure = await thrownBy(exploreInWorkers(endless))
  expect(failure.message).toMatch(/seed 0x3 fails: crash: it took longer than 6000 ms of real time/)
})

test('what is no suite, and options out of range, are refused before a thread starts', async () => {
  await expect(exploreInWorkers(options('nothing'))).rejects.toThrow(/exports no suite 'nothing'/)
  await expect(exploreInWorkers(options('missing'))).rejects.toMatchObject({ code: 'TESTING_INVALID_OPTION' })
  await expect(exploreInWorkers(options('sound', { workers: 0 }))).rejects.toThrow(/workers/)
  await expect(exploreInWorkers(options('sound', { seedTimeoutMs: 0 }))).rejects.toThrow(/seedTimeoutMs/)
})

test('seeds come from the environment, and traces are saved', async () => {
  setEnvironment({ COLONY_SEED: '4,5', COLONY_TRACE: '1' })
  const names: string[] = []
  const report = await exploreInWorkers(options('sound', { save: ({ name }) => [String(names.push(name))] }))
  expect(report.seeds).toBe(2)
  expect(names.toSorted()).toEqual(['counter-0x4', 'counter-0x5'])
})
