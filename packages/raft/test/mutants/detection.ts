import { spawn } from 'node:child_process'
import { join } from 'node:path'

/** The last line that `run-suite.ts` writes; what it writes before is a dot a seed. */
export interface SuiteOutcome {
  /** How many seeds were run, the failing one included. */
  readonly seeds: number
  /** The check that failed, and how; absent when none did. */
  readonly failed?: { readonly check: string; readonly message: string }
}

/** A seed takes a fraction of a second; one that is silent for so long will never end. */
const SILENCE_MS = 120_000

/** How a suite looks for a bug. */
export interface Detection {
  /** All rules, or the model of Raft alone. Default `all`. */
  readonly rules?: 'all' | 'model'
  /** That of one group, or of many groups in one process. Default `raft`. */
  readonly suite?: 'raft' | 'groups'
}

/** Runs a suite of the copy at `root`, with seeds from 1 on, until a check fails. Ends with the check `hang` when a seed never ends. */
export function runSuite(root: string, seeds: number, detection: Detection = {}): Promise<SuiteOutcome> {
  const { rules = 'all', suite = 'raft' } = detection
  const script = join(root, 'packages/raft/test/mutants/run-suite.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', script, String(seeds), rules, suite], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return new Promise((resolve, reject) => {
    let output = ''
    let errors = ''
    let hung = false
    const kill = (): void => {
      hung = true
      child.kill('SIGKILL')
    }
    let silence = setTimeout(kill, SILENCE_MS)
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      clearTimeout(silence)
      silence = setTimeout(kill, SILENCE_MS)
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text
    })
    child.on('error', reject)
    child.on('close', () => {
      clearTimeout(silence)
      if (hung) {
        const done = output.length
        resolve({ seeds: done + 1, failed: { check: 'hang', message: `silent for ${SILENCE_MS} ms` } })
        return
      }
      const last = output.split('\n').at(-1) ?? ''
      if (last.startsWith('{')) resolve(JSON.parse(last) as SuiteOutcome)
      else reject(new Error(`the suite did not run: ${errors.slice(-2000)}`))
    })
  })
}
