import { availableParallelism } from 'node:os'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { format, resolveConfig } from 'prettier'
import { runSuite, type SuiteOutcome } from './detection.ts'
import type { Mutant } from './mutant.ts'
import { MUTANTS } from './mutants.ts'
import { mutationTable, type Row } from './table.ts'
import { ROOT, Workspace } from './workspace.ts'

const PAGE = 'docs/mutation-table.md'

/**
 * `pnpm mutants`: plants every bug in turn and runs the simulation suite until a check fails. `--model`: with
 * the model of Raft as the only rule. Exit code 1 when one was not found.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(2).filter((arg) => arg !== '--'),
    options: {
      only: { type: 'string', multiple: true },
      seeds: { type: 'string', default: '2000' },
      model: { type: 'boolean', default: false },
      jobs: { type: 'string', default: String(availableParallelism()) },
    },
  })
  const limit = Number(values.seeds)
  const chosen = chooseMutants(values.only ?? [])
  const rows = await huntAll(chosen, limit, Number(values.jobs), values.model ? 'model' : 'all')
  // Only a whole table replaces the page.
  if (chosen.length === MUTANTS.length && !values.model) await writePage(mutationTable(rows, limit))
  const missed = rows.filter(({ outcome }) => outcome.failed === undefined)
  say(`${rows.length - missed.length} of ${rows.length} found`)
  if (missed.length > 0) process.exitCode = 1
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
): Promise<Row[]> {
  const outcomes = new Map<Mutant, SuiteOutcome>()
  const queue = [...mutants]
  const work = async (): Promise<void> => {
    using workspace = new Workspace()
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      outcomes.set(mutant, await hunt(workspace, mutant, limit, rules))
    }
  }
  await Promise.all(Array.from({ length: Math.min(jobs, mutants.length) }, work))
  return mutants.flatMap((mutant) => {
    const outcome = outcomes.get(mutant)
    return outcome === undefined ? [] : [{ mutant, outcome }]
  })
}

async function hunt(
  workspace: Workspace,
  mutant: Mutant,
  limit: number,
  rules: 'all' | 'model',
): Promise<SuiteOutcome> {
  using _planted = workspace.plant(mutant)
  const started = performance.now()
  const outcome = await runSuite(workspace.root, limit, rules)
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
