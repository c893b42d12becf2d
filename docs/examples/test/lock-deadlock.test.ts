import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const PATIENCE_MS = 90_000

it(
  'lock-deadlock.ts: two processes wait for each other, one gives way, both come to an end',
  { timeout: PATIENCE_MS },
  async () => {
    const path = fileURLToPath(new URL('../src/lock-deadlock.ts', import.meta.url))
    const command = ['--import', import.meta.resolve('tsx'), path]
    const { stdout, stderr } = await promisify(execFile)(process.execPath, command, { timeout: PATIENCE_MS })
    expect(stderr).toBe('')
    expect(stdout).toBe(
      [
        'one holds ann and wants bob',
        'two holds bob and wants ann',
        'one has both',
        'two has both after it gave way (two waited for ann, one waited for bob)',
        '',
      ].join('\n'),
    )
  },
)
