import { availableParallelism } from 'node:os'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { format, resolveConfig } from 'prettier'
import { runSuite, type SuiteOutcome } from './detection.ts'
import { KnownOutcomes } from './known-outcomes.ts'
import type { Mutant } from './mutant.ts'
import { MUTANTS, PARTS } from './mutants.ts'
import { mutationTable, type Row } from './table.ts'
import { ROOT, Workspace } from './workspace.ts'

const PAGE = 'docs/mutation-table.md'

/**
 * `pnpm mutants`: plants every bug in turn and runs the simulation suite until a check fails. `--model`: with
 * the model of Raft as the only rule. What was found with these very sources before is not looked for again, but for `--again`. Exit code 1 when one was not found.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(2).filter((arg) => arg !== '--'),
    options: {
      only: { type: 'string', multiple: true },
      seeds: { type: 'string', default: '2000' },
      model: { type: 'boolean', default: false },
      again: { type: 'boolean', default: false },
      jobs: { type: 'string', default: String(availableParallelism()) },
    },
  })
  const limit = Number(values.seeds)
  const rules = values.model ? 'model' : 'all'
  const chosen = chooseMutants(values.only ?? [])
  const known = new KnownOutcomes(ROOT)
  const isOpen = (mutant: Mutant): boolean =>
    values.model || values.again || known.get(mutant, limit) === undefined
  const open = chosen.filter(isOpen)
  const missed = chosen.filter((mutant) => !open.includes(mutant) && !known.get(mutant, limit)?.failed)
  await huntAll(open, limit, Number(values.jobs), rules, (mutant, outcome) => {
    if (outcome.failed === undefined) missed.push(mutant)
    if (!values.model) known.set(mutant, outcome)
  })
  if (!values.model) await writePageOfAll(known, limit)
  say(`${chosen.length - missed.length} of ${chosen.length} found`)
  if (missed.length > 0) process.exitCode = 1
}

/** Only a whole table replaces the page. */
async function writePageOfAll(known: KnownOutcomes, limit: number): Promise<void> {
  const rows: Row[] = []
  for (const { part, mutants } of PARTS) {
    for (const mutant of mutants) {
      const outcome = known.get(mutant, limit)
      if (outcome === undefined) return
      rows.push({ part, mutant, outcome })
    }
  }
  await writePage(mutationTable(rows, limit))
}

/** As prettier would have it, which looks at every page. */
async function writePage(text: string): Promise<void> {
  const path = join(ROOT, PAGE)
  writeFileSync(path, await format(text, { ...(await resolveConfig(path)), parser: 'markdown' }))
}

function chooseMutants(names: readonly string[]): readonly Mutant[] {
  const unknown = names.filter((name) => !MUTANTS.some((mutant) => mutant.name === name))
  if (unknown.length > 0) throw new Error(`there is no mutant ${unknown.join(', ')}`)
  return names.length === 0 ? MUTANTS : MUTANTS.filter(({ name }) => names.includes(name))
}

/** Every job has a copy of the repository of its own and takes the next bug when it is done with one. */
async function huntAll(
  mutants: readonly Mutant[],
  limit: number,
  jobs: number,
  rules: 'all' | 'model',
  done: (mutant: Mutant, outcome: SuiteOutcome) => void,
): Promise<void> {
  const queue = [...mutants]
  const work = async (): Promise<void> => {
    using workspace = new Workspace()
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      done(mutant, await hunt(workspace, mutant, limit, rules))
    }
  }
  await Promise.all(Array.from({ length: Math.min(jobs, mutants.length) }, work))
}

async function hunt(
  workspace: Workspace,
  mutant: Mutant,
  limit: number,
  rules: 'all' | 'model',
): Promise<SuiteOutcome> {
  using _planted = workspace.plant(mutant)
  const started = performance.now()
  const outcome: SuiteOutcome = await runSuite(workspace.root, limit, {
    rules,
    suite: mutant.suite ?? 'raft',
  }).catch((error: unknown) => {
    say(`${mutant.name}: ${String(error)}`)
    // None of its seeds: as good as not looked for, and the others go on.
    return { seeds: 0 }
  })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  const { seeds, failed } = outcome
  const told = failed === undefined ? `NOT FOUND in ${seeds} seeds` : `seed ${seeds}: ${failed.check}`
  say(`${mutant.name}: ${told} (${seconds} s)${failed === undefined ? '' : `\n    ${failed.message}`}`)
  return outcome
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

await main()
