import type { SuiteOutcome } from './detection.ts'
import type { Mutant } from './mutant.ts'

/** A planted bug and what became of it. */
export interface Row {
  readonly mutant: Mutant
  readonly outcome: SuiteOutcome
}

/** The page of all planted bugs. `limit`: how many seeds each was given. */
export function mutationTable(rows: readonly Row[], limit: number): string {
  const found = rows.filter(({ outcome }) => outcome.failed !== undefined)
  const counts = found.map(({ outcome }) => outcome.seeds).sort((a, b) => a - b)
  const median = counts[Math.floor(counts.length / 2)] ?? 0
  const atOnce = counts.filter((seeds) => seeds === 1).length
  return [
    '# Planted bugs',
    '',
    'Does the simulation find bugs? Each line below is one that was planted into `@colony/raft` on purpose. Only the simulation suite',
    '(`packages/raft/test/raft.sim.ts`) looked for it, no other test: seeds 1, 2, 3 and so on, until a check failed. The bugs are in',
    '`packages/raft/test/mutants`; CI sees that each still applies. `pnpm mutants` writes this page.',
    '',
    `${found.length} of ${rows.length} found within ${limit} seeds: ${atOnce} by the first, half within ${median}, all found within ${counts.at(-1) ?? 0}.`,
    '',
    '| planted bug | what it breaks | found by seed | the check that failed |',
    '| --- | --- | --: | --- |',
    ...rows.map(tableLine),
    '',
  ].join('\n')
}

function tableLine({ mutant, outcome }: Row): string {
  const { seeds, failed } = outcome
  const seed = failed === undefined ? `not in ${seeds}` : String(seeds)
  return `| \`${mutant.name}\` | ${cell(mutant.breaks)} | ${seed} | ${cell(shortened(failed?.check ?? ''))} |`
}

/** A crash is named by its whole message; its code says enough. */
function shortened(check: string): string {
  return /^crash: \[\w+\]/.exec(check)?.[0] ?? check
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
