import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { transportConformance } from '@colony/testing/conformance'
import { describe, expect, test } from 'vitest'
import { keysOf, udpTransports } from './udp-factory.ts'

const plain = transportConformance(udpTransports(() => undefined))

describe('UDP, with TCP beside it', () => {
  for (const { name, run } of plain) test(name, run)
})

describe('UDP, with mutual TLS beside it', () => {
  for (const { name, run } of transportConformance(udpTransports(keysOf))) test(name, run)
})

test('UDP under node:test', async () => {
  const fixture = fileURLToPath(new URL('udp-node-test.ts', import.meta.url))
  const command = ['--import', import.meta.resolve('tsx'), '--test', '--test-reporter=tap', fixture]
  // Without what vitest sets: node:test takes itself for a child of another run otherwise.
  const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...env } = process.env
  const { stdout } = await promisify(execFile)(process.execPath, command, { env, maxBuffer: 2 ** 24 })
  expect(stdout).toContain(`\n# pass ${plain.length}\n`)
  expect(stdout).toContain('\n# fail 0\n')
}, 60_000)
