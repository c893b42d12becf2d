import type { SuiteOutcome } from './detection.ts'
import type { Mutant } from './mutant.ts'

/** A planted bug and what became of it. */
export interface Row {
  /** What it is planted into. */
  readonly part: string
  readonly mutant: Mutant
  readonly outcome: SuiteOutcome
}

/** The page of all planted bugs. `limit`: how many seeds each was given. */
export function mutationPage(rows: readonly Row[], limit: number): string {
  const counts = rows.flatMap(({ outcome }) => (outcome.failed === undefined ? [] : [outcome.seeds]))
  counts.sort((a, b) => a - b)
  const median = counts[Math.floor(counts.length / 2)] ?? 0
  const atOnce = counts.filter((seeds) => seeds === 1).length
  const parts = [...new Set(rows.map(({ part }) => part))]
  return [
    '# Bugs planted into gossip',
    '',
    'Does the simulation find bugs? Each line below is one that was planted into `@colony/gossip` on purpose. Only the simulation suite',
    '(`packages/gossip/test/gossip.sim.ts`) looked for it, no other test: seeds 1, 2, 3 and so on, until a check failed. The bugs are in',
    '`packages/gossip/test/mutants`; CI sees that each still applies. `pnpm gossip:mutants` writes this page.',
    '',
    `${counts.length} of ${rows.length} found within ${limit} seeds: ${atOnce} by the first, half within ${median}, all found within ${counts.at(-1) ?? 0}.`,
    '',
    ...parts.flatMap((part) => [
      `## Planted into ${part}`,
      '',
      '| planted bug | what it breaks | found by seed | the check that failed |',
      '| --- | --- | --: | --- |',
      ...rows.filter((row) => row.part === part).map(tableLine),
      '',
    ]),
  ].join('\n')
}

function tableLine({ mutant, outcome: { seeds, failed } }: Row): string {
  const seed = failed === undefined ? `not in ${seeds}` : String(seeds)
  const check = failed?.check.replaceAll('|', '\\|') ?? ''
  return `| \`${mutant.name}\` | ${mutant.breaks.replaceAll('|', '\\|')} | ${seed} | ${check} |`
}
