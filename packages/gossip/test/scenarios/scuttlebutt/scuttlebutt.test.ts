import { beforeAll, describe, expect, it } from 'vitest'
import { PHASES, runExperiment, type Staleness } from './experiment.ts'
import { ORDERINGS, type OrderingName } from './orderings.ts'

/** A third of the paper's size, with as much less room in a message; `pnpm gossip:proof` runs the whole. */
const SIZE = { participants: 44, keys: 22, limit: 34, seed: 1 } as const

describe('the four orderings of Scuttlebutt under a bandwidth that does not suffice', () => {
  const runs = new Map<OrderingName, readonly Staleness[]>()
  beforeAll(() => {
    for (const name of Object.keys(ORDERINGS) as OrderingName[])
      runs.set(name, runExperiment({ ...SIZE, ordering: ORDERINGS[name] }))
  })
  const at = (name: OrderingName, second: number): Staleness => {
    const found = runs.get(name)?.[second - 1]
    if (found === undefined) throw new Error(`no second ${second}`)
    return found
  }

  it('depth has no more stale mappings than breadth while the backlog is worked off', () => {
    for (let second = PHASES.single; second <= PHASES.quiet; second++)
      expect(at('scuttle-depth', second).stale).toBeLessThanOrEqual(at('scuttle-breadth', second).stale)
  })

  it('newest first has the fewest stale mappings, and starves some for longest', () => {
    const others = ['precise-oldest', 'scuttle-breadth', 'scuttle-depth'] as const
    for (const other of others) {
      expect(at('precise-newest', PHASES.single).stale).toBeLessThan(at(other, PHASES.single).stale)
      expect(at('precise-newest', PHASES.quiet).oldest).toBeGreaterThan(at(other, PHASES.quiet).oldest)
    }
  })

  it('depth works its backlog off before the writing stops, and starves nobody', () => {
    const worst = (name: OrderingName): number =>
      Math.max(...(runs.get(name) ?? []).slice(PHASES.single, PHASES.quiet).map(({ oldest }) => oldest))
    expect(worst('scuttle-depth')).toBeLessThan(worst('precise-newest') / 2)
    expect(at('scuttle-depth', PHASES.quiet).stale).toBeLessThan(
      at('scuttle-depth', PHASES.doubled).stale * 1.2,
    )
  })

  it('with every ordering all agree soon after the writing has stopped', () => {
    for (const name of runs.keys()) expect(at(name, PHASES.end)).toMatchObject({ stale: 0, oldest: 0 })
  })
})
