import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Mutant } from './mutant.ts'
import { plantedModules } from './planted-module.ts'

/** The last line that `run-suite.ts` writes; what it writes before is a dot a seed. */
export interface SuiteOutcome {
  /** How many seeds were run, the failing one included. */
  readonly seeds: number
  /** The check that failed, and how; absent when none did. */
  readonly failed?: { readonly check: string; readonly message: string }
}

/** A seed takes a fraction of a second; one that is silent for so long will never end, however busy the machine is. */
const SILENCE_MS = 300_000
const HERE = fileURLToPath(new URL('.', import.meta.url))

/** Runs the simulation suite with a bug in the package, seeds from 1 on, until a check fails. Ends with the check `hang` when a seed never ends. */
export async function runSuite(mutant: Mutant | undefined, seeds: number): Promise<SuiteOutcome> {
  const planted = mutant === undefined ? undefined : JSON.stringify(plantedModules(mutant))
  const args = ['--import', 'tsx', '--import', `${HERE}plant.ts`, `${HERE}run-suite.ts`, String(seeds)]
  const child = spawn(process.execPath, args, {
    cwd: HERE,
    env: { ...process.env, ...(planted !== undefined && { PLANTED_MODULES: planted }) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return await new Promise((resolve, reject) => {
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
      const last = output.split('\n').at(-1) ?? ''
      if (hung)
        resolve({
          seeds: output.length + 1,
          failed: { check: 'hang', message: `silent for ${SILENCE_MS} ms` },
        })
      else if (last.startsWith('{')) resolve(JSON.parse(last) as SuiteOutcome)
      else reject(new Error(`the suite did not run: ${errors.slice(-2000)}`))
    })
  })
}
