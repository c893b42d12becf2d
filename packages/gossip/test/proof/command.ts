import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { CRASH_SECTION, FAULTY_SECTION, LOSS_SECTION } from './fault-sections.ts'
import { JOIN_SECTION, PARTITION_SECTION, RESTART_SECTION } from './join-sections.ts'
import { LIFEGUARD_SECTION, SCUTTLEBUTT_SECTION } from './paper-sections.ts'
import type { ProofSection } from './section.ts'
import { writePage } from './write-page.ts'

const SECTIONS: readonly ProofSection[] = [
  ...[JOIN_SECTION, RESTART_SECTION, PARTITION_SECTION],
  ...[CRASH_SECTION, LOSS_SECTION, FAULTY_SECTION],
  ...[LIFEGUARD_SECTION, SCUTTLEBUTT_SECTION],
]

const HEAD = [
  '# What gossip was seen to do',
  '',
  'Experiments with the unchanged core of `@colony/gossip` in simulated time: real packets, a network of 0.5 ms and more each way, the timings of the profile for local networks. Equal seeds give equal numbers. `pnpm gossip:proof` writes this page; smaller runs of the same',
  'experiments are tests (`packages/gossip/test/scenarios`). How news spreads is in [gossip-rounds.md](./gossip-rounds.md), and what the simulation suite tries in [simulation.md](./simulation.md).',
  '',
]

/** What sections came to is kept here, so that each can be run alone. */
const RESULTS = new URL('../../../../.tmp/gossip-proof/', import.meta.url)

/** `pnpm gossip:proof`: runs all experiments at full size, or those that are named, and writes `docs/gossip-proof.md`. */
async function main(): Promise<void> {
  const names = process.argv.slice(2).filter((arg) => arg !== '--')
  mkdirSync(RESULTS, { recursive: true })
  for (const section of SECTIONS) {
    if (names.length > 0 && !names.includes(section.name)) continue
    const started = performance.now()
    writeFileSync(resultOf(section), section.run().join('\n'))
    process.stdout.write(`${section.name}: ${((performance.now() - started) / 1000).toFixed(0)} s\n`)
  }
  const done = SECTIONS.filter((section) => existsSync(resultOf(section)))
  const page = done.flatMap((section) => [
    `## ${section.title}`,
    '',
    readFileSync(resultOf(section), 'utf8'),
    '',
  ])
  await writePage('docs/gossip-proof.md', [...HEAD, ...page].join('\n'))
}

function resultOf({ name }: ProofSection): URL {
  return new URL(`${name}.md`, RESULTS)
}

await main()
