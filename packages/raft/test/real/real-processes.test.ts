import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { formatSeed, runEnvironment, seedsFromEnvironment } from '@colony/testing'
import { expect, it } from 'vitest'
import { runReal, type RealRunResult } from './real-run.ts'

const FILE = 'packages/raft/test/real/real-processes.test.ts'
const FAILURES = new URL('../../../../.tmp/failures/', import.meta.url)
/** Faults come for so long before all is mended and checked. */
const ROUND_MS = 15_000
const SHORT_ROUND_MS = 5000
/** For starting, recovering and checking on a busy machine. Nothing here depends on how fast that goes. */
const SLACK_MS = 300_000

const [first = 1] = seedsFromEnvironment()
const seed = formatSeed(first)
const { timeMs = 0 } = runEnvironment()

/** What the simulation shows of simulated processes, on real ones. `COLONY_TIME=600` goes on for ten minutes, `COLONY_SEED` takes other faults. */
it(
  'five real processes keep every promise through kill -9, SIGSTOP, cuts, delays, broken connections and stalled event loops',
  async () => {
    const roundMs = timeMs > 0 ? ROUND_MS : SHORT_ROUND_MS
    const tell = timeMs > 0 ? (line: string) => void process.stdout.write(`${line}\n`) : () => {}
    const result = await runReal({ seed, timeMs, roundMs, tell })
    if (timeMs > 0) process.stdout.write(`${JSON.stringify(result.counts)}\n`)
    if (result.problems.length > 0) throw new Error(explain(result))
    expect(result.records.filter(({ outcome }) => outcome === 'ok').length).toBeGreaterThan(20)
  },
  timeMs + SLACK_MS,
)

/** What is wrong, and how to see it again: times are real, so the same plan need not come to the same end. */
function explain({ problems, plan, records, dumps, rounds }: RealRunResult): string {
  const directory = new URL(`real-${seed}-${rounds}/`, FAILURES)
  mkdirSync(directory, { recursive: true })
  const save = (name: string, lines: readonly unknown[]): void =>
    writeFileSync(new URL(name, directory), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  save('plan.json', [plan])
  save('history.jsonl', records)
  save('machines.jsonl', dumps)
  return [
    ...problems,
    `in round ${rounds}; what happened is in ${fileURLToPath(directory)}. The same faults again, as well as real time can:`,
    `COLONY_SEED=${seed} COLONY_TIME=${Math.ceil(timeMs / 1000)} npx vitest run --project unit ${FILE}`,
  ].join('\n')
}
