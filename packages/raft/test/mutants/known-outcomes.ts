import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { SuiteOutcome } from './detection.ts'
import type { Mutant } from './mutant.ts'

/** What the suite is made of: a change of any of it makes every outcome out of date. */
const SOURCES = ['packages/host/src', 'packages/testing/src', 'packages/raft/src', 'packages/raft/test/sim']

/**
 * What earlier runs came to, in a file that is not kept in the repository. An outcome counts for the very sources and the very bug that it was found with, so a run that was interrupted, or
 * that has to be made again for one bug, need not begin anew.
 */
export class KnownOutcomes {
  readonly #path: string
  readonly #about: string
  readonly #outcomes: Record<string, SuiteOutcome>

  constructor(root: string) {
    this.#path = join(root, '.tmp/mutants.json')
    const hash = createHash('sha256')
    for (const source of SOURCES) hashAll(hash, join(root, source))
    this.#about = hash.digest('hex')
    this.#outcomes = read(this.#path)
  }

  /** What `limit` seeds came to; `undefined` when nobody knows. */
  get(mutant: Mutant, limit: number): SuiteOutcome | undefined {
    const outcome = this.#outcomes[this.#key(mutant)]
    if (outcome === undefined) return undefined
    const answers = outcome.failed === undefined ? outcome.seeds >= limit : outcome.seeds <= limit
    return answers ? outcome : undefined
  }

  set(mutant: Mutant, outcome: SuiteOutcome): void {
    this.#outcomes[this.#key(mutant)] = outcome
    mkdirSync(dirname(this.#path), { recursive: true })
    writeFileSync(this.#path, JSON.stringify(this.#outcomes, null, 1))
  }

  #key({ name, file, find, replace }: Mutant): string {
    const bug = createHash('sha256').update(JSON.stringify([this.#about, file, find, replace]))
    return `${name} ${bug.digest('hex')}`
  }
}

function hashAll(hash: ReturnType<typeof createHash>, path: string): void {
  if (!statSync(path).isDirectory()) {
    hash.update(basename(path)).update(readFileSync(path))
    return
  }
  for (const name of readdirSync(path).sort()) hashAll(hash, join(path, name))
}

function read(path: string): Record<string, SuiteOutcome> {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, SuiteOutcome>
  } catch {
    return {}
  }
}
