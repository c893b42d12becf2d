import { parseArgs } from 'node:util'
import { writePage } from '../proof/write-page.ts'
import { runSuite, type SuiteOutcome } from './detection.ts'
import type { Mutant } from './mutant.ts'
import { PARTS } from './mutants.ts'
import { mutationPage, type Row } from './table.ts'

/** `pnpm gossip:mutants`: plants every bug in turn and runs the simulation suite until a check fails. Exit code 1 when one was not found. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(2).filter((arg) => arg !== '--'),
    options: {
      only: { type: 'string', multiple: true },
      seeds: { type: 'string', default: '120' },
      jobs: { type: 'string', default: '2' },
    },
  })
  const limit = Number(values.seeds)
  const open = PARTS.flatMap(({ part, mutants }) => mutants.map((mutant) => ({ part, mutant }))).filter(
    ({ mutant }) => values.only?.includes(mutant.name) ?? true,
  )
  const outcomes = new Map<Mutant, SuiteOutcome>()
  const queue = [...open]
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift())
      outcomes.set(next.mutant, await hunt(next.mutant, limit))
  }
  await Promise.all(Array.from({ length: Number(values.jobs) }, work))
  const rows = open.flatMap(({ part, mutant }): Row[] => {
    const outcome = outcomes.get(mutant)
    return outcome === undefined ? [] : [{ part, mutant, outcome }]
  })
  // Only a whole table replaces the page.
  if (values.only === undefined) await writePage('docs/gossip-mutation-table.md', mutationPage(rows, limit))
  const found = rows.filter(({ outcome }) => outcome.failed !== undefined).length
  process.stdout.write(`${found} of ${rows.length} found\n`)
  if (found < rows.length) process.exitCode = 1
}

async function hunt(mutant: Mutant, limit: number): Promise<SuiteOutcome> {
  const { seeds, failed } = await runSuite(mutant, limit)
  const told = failed === undefined ? `NOT FOUND in ${seeds} seeds` : `seed ${seeds}: ${failed.check}`
  process.stdout.write(`${mutant.name}: ${told}${failed === undefined ? '' : `\n    ${failed.message}`}\n`)
  return { seeds, ...(failed !== undefined && { failed }) }
}

await main()
