// Writes docs/simulation.md from what the simulation suites left in .tmp/sim, which every run of them brings up to date:
//   pnpm sim:report                       the usual seeds
//   COLONY_SEEDS=5000 pnpm sim:report     more of them
// Run with tsx, because it reads the sources of this repository.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { formatSuiteReport } from '../packages/testing/src/run/format-suite-report.ts'

const root = resolve(import.meta.dirname, '..')
const reports = join(root, '.tmp/sim')

const head = `# What the simulations have tried

Each suite runs its service as a cluster in simulated time, under generated faults, and looks at every promise after every event. These are the sums of one run over all its seeds: how long and how much, what the
clients did and got, which faults there were, and which interesting states were reached (a suite fails when one of them never is). Equal seeds give equal numbers. \`pnpm sim:report\` writes this page.
What the suites find when there is something to find is in [mutation-table.md](./mutation-table.md).
`

const sections = readdirSync(reports)
  .filter((name) => name.endsWith('.json'))
  .sort()
  .map((name) => formatSuiteReport(JSON.parse(readFileSync(join(reports, name), 'utf8'))))

const page = join(root, 'docs/simulation.md')
const text = [head, ...sections].join('\n')
// As prettier would have it, which looks at every page.
writeFileSync(page, await format(text, { ...(await resolveConfig(page)), parser: 'markdown' }))
