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
export function mutationTable(rows: readonly Row[], limit: number): string {
  const found = rows.filter(({ outcome }) => outcome.failed !== undefined)
  const counts = found.map(({ outcome }) => outcome.seeds).sort((a, b) => a - b)
  const median = counts[Math.floor(counts.length / 2)] ?? 0
  const atOnce = counts.filter((seeds) => seeds === 1).length
  return [
    '# Planted bugs',
    '',
    'Does the simulation find bugs? Each line below is one that was planted into `@colony/raft` on purpose. Only the simulation suite',
    '(`packages/raft/test/raft.sim.ts`, and for many groups in one process `raft-groups.sim.ts` beside it) looked for it, no other',
    'test: seeds 1, 2, 3 and so on, until a check failed. The bugs are in `packages/raft/test/mutants`; CI sees that each still',
    'applies. `pnpm mutants` writes this page.',
    '',
    `${found.length} of ${rows.length} found within ${limit} seeds: ${atOnce} by the first, half within ${median}, all found within ${counts.at(-1) ?? 0}.`,
    '',
    ...[...new Set(rows.map(({ part }) => part))].flatMap((part) => table(part, rows)),
  ].join('\n')
}

function table(part: string, rows: readonly Row[]): readonly string[] {
  return [
    `## Planted into ${part}`,
    '',
    '| planted bug | what it breaks | found by seed | the check that failed |',
    '| --- | --- | --: | --- |',
    ...rows.filter((row) => row.part === part).map(tableLine),
    '',
  ]
}

function tableLine({ mutant, outcome }: Row): string {
  const { seeds, failed } = outcome
  const seed = failed === undefined ? `not in ${seeds}` : String(seeds)
  return `| \`${mutant.name}\` | ${cell(mutant.breaks)} | ${seed} | ${cell(failed === undefined ? '' : told(failed))} |`
}

const MODEL = 'invariant: every step is one that the model allows'
/** Longer ones are cut. */
const LONGEST = 160

/** A crash is named by its whole message; its code says enough. The model has one name for all that it does not allow, so what it expected is told. */
function told({ check, message }: NonNullable<SuiteOutcome['failed']>): string {
  const [, expected] = check === MODEL ? (/: (expected .*)$/.exec(message) ?? []) : []
  if (expected === undefined) return /^crash: \[\w+\]/.exec(check)?.[0] ?? check
  return `model: ${expected.length > LONGEST ? `${expected.slice(0, LONGEST)}…` : expected}`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
