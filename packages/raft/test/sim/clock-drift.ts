import type { FaultStep } from '@colony/testing'

/** Where clocks are tamed, they run this much too slow or too fast at most: apart by 0.42 of the faster one. */
export const SLOWEST = 0.75
const FASTEST = 1.3
/** What is declared where clocks are true, and what `createRaft` takes at most. */
const LEAST_DRIFT = 0.01
const MOST_DRIFT = 0.5

/** By how much the rates of two clocks differ at most under these faults, to be declared as `maxClockDrift`; `undefined` when that can't be: then there are no leases. */
export function clockDrift(faults: readonly FaultStep[]): number | undefined {
  let slowest = 1
  let fastest = 1
  for (const step of faults) {
    if (step.do !== 'clock') continue
    if ((step.jumpMs ?? 0) > 0) return undefined
    slowest = Math.min(slowest, step.rate ?? 1)
    fastest = Math.max(fastest, step.rate ?? 1)
  }
  const drift = Math.max(LEAST_DRIFT, 1 - slowest / fastest + 0.001)
  return drift <= MOST_DRIFT ? drift : undefined
}

/** The same faults with clocks that a lease can live with: no jumps, and rates within bounds. */
export function tameClocks(faults: readonly FaultStep[]): readonly FaultStep[] {
  return faults.map((step): FaultStep => {
    if (step.do !== 'clock') return step
    const { jumpMs: _jump, ...tame } = step
    return step.rate === undefined ? tame : { ...tame, rate: Math.min(FASTEST, Math.max(SLOWEST, step.rate)) }
  })
}
