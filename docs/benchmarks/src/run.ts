import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Bench } from './bench.ts'
import { type CommandLine, parseCommandLine, USAGE } from './command-line.ts'
import { gossipBench } from './gossip/bench.ts'
import { lockBench } from './lock/bench.ts'
import { raftBench } from './raft/bench.ts'
import { ringBench } from './ring/bench.ts'
import { testingBench } from './testing/bench.ts'

const BENCHES: Readonly<Record<string, Bench>> = {
  gossip: gossipBench,
  lock: lockBench,
  raft: raftBench,
  ring: ringBench,
  testing: testingBench,
}

async function main(): Promise<void> {
  const commandLine = parseCommandLine(process.argv.slice(2))
  const { name, json, write } = commandLine
  const bench = name === undefined ? undefined : BENCHES[name]
  if (name === undefined || bench === undefined || commandLine.help) {
    const list = Object.entries(BENCHES).map(([key, { summary, parts }]) => {
      return `  ${key}: ${summary} Parts: ${parts.join(', ')}.`
    })
    console.log(`${USAGE}\n\nBenchmarks:\n${list.join('\n')}`)
    process.exitCode = commandLine.help ? 0 : 2
    return
  }
  checkParts(commandLine, bench)
  const { figures, markdown } = await bench.run(commandLine)
  console.log(markdown)
  if (write) writeResult(name, markdown)
  if (json) console.log(JSON.stringify(figures))
}

function checkParts({ only, name }: CommandLine, { parts }: Bench): void {
  const unknown = only.filter((part) => !parts.includes(part))
  if (unknown.length === 0) return
  throw new RangeError(`--only ${unknown.join(',')}: ${name} has the parts ${parts.join(', ')}`)
}

function writeResult(name: string, markdown: string): void {
  const path = fileURLToPath(new URL(`../results/${name}.md`, import.meta.url))
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, markdown)
  console.log(`written to results/${name}.md`)
}

// Whatever a failed run left open is closed by the exit.
main().then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error instanceof RangeError || error instanceof TypeError ? error.message : error)
    process.exit(1)
  },
)
