import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { diskConformance, transportConformance } from '../../src/conformance/index.ts'
import { simulatedDisks } from './disk-factories.ts'
import { memoryTransports } from './transport-factories.ts'

test('the same cases run under node:test', async () => {
  const cases = [...transportConformance(memoryTransports()), ...diskConformance(simulatedDisks())]
  const fixture = fileURLToPath(new URL('node-test-fixture.ts', import.meta.url))
  const command = ['--import', import.meta.resolve('tsx'), '--test', '--test-reporter=tap', fixture]
  // Without what vitest sets: node:test takes itself for a child of another run otherwise.
  const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...env } = process.env
  const { stdout } = await promisify(execFile)(process.execPath, command, { env, maxBuffer: 2 ** 24 })
  const passed = [...stdout.matchAll(/^\s*ok \d+ - (.*)$/gm)].map(([, name]) => name)
  expect(passed).toEqual(expect.arrayContaining(cases.map(({ name }) => name)))
  expect(stdout).toContain(`\n# pass ${cases.length}\n`)
  expect(stdout).toContain('\n# fail 0\n')
}, 60_000)
