import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { parseScenario, simulate } from '@colony/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { counterSuite } from '../src/counter/counter-suite.ts'

interface Ended {
  readonly code: number
  readonly stdout: string
}

describe('the counter of the guide, with its planted bug', () => {
  let directory = ''
  let ended: Ended
  let scenarioFile = ''

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'colony-counter-'))
    const program = fileURLToPath(new URL('../src/counter/counter-sim.ts', import.meta.url))
    const command = ['--import', import.meta.resolve('tsx'), program, directory]
    try {
      const { stdout } = await promisify(execFile)(process.execPath, command)
      ended = { code: 0, stdout }
    } catch (error) {
      ended = error as Ended
    }
    const files = await readdir(directory, { recursive: true })
    scenarioFile = join(directory, files.find((file) => file.endsWith('scenario.json')) ?? 'none')
  })

  afterAll(() => rm(directory, { recursive: true, force: true }))

  it('is found, and the line that repeats it is printed', () => {
    expect(ended.code).toBe(1)
    expect(ended.stdout).toContain('linearizability: no order of the operations explains inc()')
    expect(ended.stdout).toMatch(/COLONY_SEED=\S+ npx /)
  })

  it('is shrunk to at most ten steps, among them the power failure that it takes', async () => {
    const { operations, faults, breaks } = parseScenario(await readFile(scenarioFile, 'utf8'))
    expect(breaks).toBe('linearizability')
    expect(operations.length + faults.length).toBeLessThanOrEqual(10)
    expect(faults).toContainEqual(expect.objectContaining({ do: 'crash', node: 'a' }))
  })

  it('breaks the same check again from its scenario alone', async () => {
    const scenario = parseScenario(await readFile(scenarioFile, 'utf8'))
    await expect(simulate(counterSuite, scenario)).rejects.toMatchObject({ check: 'linearizability' })
  })

  it('is drawn', async () => {
    const files = await readdir(directory, { recursive: true })
    const picture = files.find((file) => file.endsWith('.html')) ?? 'none'
    expect(await readFile(join(directory, picture), 'utf8')).toMatch(/^<!doctype html>[^]*linearizability/i)
  })
})
