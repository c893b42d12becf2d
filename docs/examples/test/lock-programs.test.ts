import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const PATIENCE_MS = 110_000

async function run(program: string, ...options: string[]): Promise<string> {
  const path = fileURLToPath(new URL(`../src/${program}`, import.meta.url))
  const command = ['--import', import.meta.resolve('tsx'), path, ...options]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, command, { timeout: PATIENCE_MS })
  expect(stderr).toBe('')
  return stdout
}

it(
  'lock-paused-holder.ts: what a holder that was stopped writes is refused',
  { timeout: PATIENCE_MS },
  async () => {
    expect((await run('lock-paused-holder.ts')).trim().split('\n')).toEqual([
      'one has the lock',
      'one writes: done',
      'one is stopped',
      'two has the lock',
      'two writes: done',
      'one goes on',
      'one writes: refused, LOCK_STALE_TOKEN',
      'one looks: LOCK_LOST',
    ])
  },
)

it('lock-counter.ts: no update is lost, however many contend', { timeout: PATIENCE_MS }, async () => {
  const lines = (await run('lock-counter.ts', '50')).trim().split('\n')
  expect(lines).toHaveLength(10)
  expect(lines[2]).toMatch(/^\| 1 \| \d+ \| \d+ \| 1\.0 \| \d+ \| \d+ \|$/)
  expect(lines[8]).toMatch(/^\| 64 /)
  expect(lines.at(-1)).toBe('no update was lost')
})
