import { describe, expect, it } from 'vitest'
import { CONFIGURATIONS, type FalsePositives, runIntervalExperiment } from './interval-experiment.ts'

const RUNS = new Map<string, FalsePositives>()
/** Some seconds of work, and other things may run beside it. */
const LONG = { timeout: 60_000 }

/** A quarter of the paper's cluster, for less than a minute; `pnpm gossip:proof` runs the whole. */
function run(name: string): FalsePositives {
  const known = RUNS.get(name)
  if (known !== undefined) return known
  const lifeguard = CONFIGURATIONS[name]
  if (lifeguard === undefined) throw new Error(`there is no configuration ${name}`)
  const anomalies = { concurrent: 4, blockedMs: 12_000, openMs: 64 }
  const result = runIntervalExperiment({ members: 32, lifeguard, anomalies, seed: 1, durationMs: 36_000 })
  RUNS.set(name, result)
  return result
}

describe('members that are slow', () => {
  it(
    'make plain SWIM declare healthy ones failed, and Lifeguard hardly ever, at about as many messages',
    LONG,
    () => {
      const swim = run('SWIM')
      const lifeguard = run('Lifeguard')
      expect(swim.all).toBeGreaterThan(100)
      expect(lifeguard.all).toBeLessThanOrEqual(0.02 * swim.all)
      expect(lifeguard.atHealthy).toBeLessThanOrEqual(0.02 * swim.atHealthy)
      expect(lifeguard.messages).toBeLessThanOrEqual(1.11 * swim.messages)
    },
  )

  it('and local health and patient suspicions help alone', LONG, () => {
    const swim = run('SWIM')
    expect(run('LHA-Probe').all).toBeLessThan(swim.all / 2)
    expect(run('LHA-Suspicion').all).toBeLessThan(0.1 * swim.all)
  })
})
