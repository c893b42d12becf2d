import { roundTime } from '../faults/episode.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { Shrinker } from './shrinker.ts'

/** Gaps between steps that are tried, in simulated milliseconds, from the shortest. */
const SHORT_GAPS_MS = [10, 100, 500]

/** Brings steps closer together: each, with everything after it, soon after the one before. */
export async function closeGaps(shrinker: Shrinker): Promise<void> {
  for (let place = 0; place < timesOf(shrinker.best).length; place += 1) {
    for (const gapMs of SHORT_GAPS_MS) {
      const times = timesOf(shrinker.best)
      const at = times[place] ?? 0
      const sooner = (times[place - 1] ?? 0) + gapMs
      if (sooner >= at) break
      if (await shrinker.accept(movedFrom(shrinker.best, at, sooner - at))) break
    }
  }
}

/** Units that times are rounded to, in simulated milliseconds, from the coarsest. */
const UNITS_MS = [1000, 100, 10, 1]

/** Rounds the time of each step as coarsely as possible, never to a later time: what passes do alternately must come to an end. */
export async function roundTimes(shrinker: Shrinker): Promise<void> {
  for (const list of ['faults', 'operations'] as const) {
    for (let place = 0; place < shrinker.best[list].length; place += 1) {
      await roundStep(shrinker, list, place)
    }
  }
}

async function roundStep(shrinker: Shrinker, list: 'faults' | 'operations', place: number): Promise<void> {
  for (const unit of UNITS_MS) {
    const { best } = shrinker
    const step = best[list][place]
    if (step === undefined) return
    const at = Math.floor(step.at / unit) * unit
    if (at === step.at) return
    const steps = best[list].map((each, other) => (other === place ? { ...each, at } : each))
    if (await shrinker.accept({ ...best, [list]: steps } satisfies Scenario)) return
  }
}

/** The times of all steps, each once, in order. */
function timesOf({ operations, faults }: Scenario): number[] {
  const times = [...operations, ...faults].map(({ at }) => at)
  return [...new Set(times)].toSorted((left, right) => left - right)
}

/** Moves what happens at a time and later. */
function movedFrom(scenario: Scenario, from: number, byMs: number): Scenario {
  const moved = <Step extends { readonly at: number }>(steps: readonly Step[]): Step[] =>
    steps.map((step) => (step.at < from ? step : { ...step, at: roundTime(step.at + byMs) }))
  return { ...scenario, operations: moved(scenario.operations), faults: moved(scenario.faults) }
}
