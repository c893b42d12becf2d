import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

/** Five processes to start, and twice the time until somebody is taken for failed. */
const PATIENCE_MS = 120_000

it(
  'gossip.ts: five processes find each other; one is killed, one paused, and the rest say why they think so',
  { timeout: PATIENCE_MS },
  async () => {
    const path = fileURLToPath(new URL('../src/gossip.ts', import.meta.url))
    const command = ['--import', import.meta.resolve('tsx'), path]
    const { stdout, stderr } = await promisify(execFile)(process.execPath, command, { timeout: PATIENCE_MS })
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^one +· +alive +alive +alive +alive /m)
    expect(stdout).toMatch(/^four +failed +failed +failed /m)
    expect(stdout).toMatch(/one, why: four is failed .*\n.* s ago suspect: .*\n.* s ago failed: /)
    expect(stdout).toMatch(/one, why: five is failed /)
    expect(stdout).toMatch(/five goes on, says so, and is believed/)
    expect(stdout).toMatch(/^two +left +left +left /m)
  },
)
