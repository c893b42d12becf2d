import { writePage } from '../proof/write-page.ts'
import { spreadUpdates } from '../scenarios/dissemination/one-update.ts'
import { CURVES, measureRounds } from './measure.ts'
import { grouped, realTable, roundsPage, type RealCell, type RoundsCell } from './page.ts'

/** How many seeds for each size: a million members take a second each. */
const SIZES: readonly (readonly [members: number, seeds: number])[] = [
  [100, 2000],
  [1000, 1000],
  [10_000, 200],
  [100_000, 40],
  [1_000_000, 10],
]

/** Real cores, of which each takes in what the others say. */
const REAL_SIZES: readonly (readonly [members: number, updates: number])[] = [
  [100, 100],
  [300, 50],
  [1000, 20],
]

function measureReal(): readonly RealCell[] {
  return REAL_SIZES.map(([members, updates]) => {
    const spreads = spreadUpdates(members, 1, updates)
    const mean = (of: (spread: (typeof spreads)[number]) => number): number =>
      spreads.reduce((sum, spread) => sum + of(spread), 0) / updates
    return {
      members,
      updates,
      nearlyAll: mean(({ nearlyAll }) => nearlyAll),
      mean: mean(({ all }) => all),
      max: Math.max(...spreads.map(({ all }) => all)),
    }
  })
}

/** `pnpm gossip:rounds`: measures all curves, and writes `docs/gossip-rounds.md`. */
async function main(): Promise<void> {
  const cells: RoundsCell[] = []
  for (const [members, seeds] of SIZES) {
    for (const curve of CURVES)
      cells.push({ members, curve, measured: measureRounds({ members, ...curve }, seeds) })
    process.stdout.write(`${grouped(members)} members: done\n`)
  }
  await writePage('docs/gossip-rounds.md', roundsPage(cells, realTable(measureReal())))
}

await main()
