import { writePage } from '../proof/write-page.ts'
import { CURVES, measureRounds } from './measure.ts'
import { grouped, roundsPage, type RoundsCell } from './page.ts'

/** How many seeds for each size: a million members take a second each. */
const SIZES: readonly (readonly [members: number, seeds: number])[] = [
  [100, 2000],
  [1000, 1000],
  [10_000, 200],
  [100_000, 40],
  [1_000_000, 10],
]

/** `pnpm gossip:rounds`: measures all curves, and writes `docs/gossip-rounds.md`. */
async function main(): Promise<void> {
  const cells: RoundsCell[] = []
  for (const [members, seeds] of SIZES) {
    for (const curve of CURVES)
      cells.push({ members, curve, measured: measureRounds({ members, ...curve }, seeds) })
    process.stdout.write(`${grouped(members)} members: done\n`)
  }
  await writePage('docs/gossip-rounds.md', roundsPage(cells, []))
}

await main()
