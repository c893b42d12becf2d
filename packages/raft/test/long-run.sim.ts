import { expect, it } from 'vitest'
import { slope } from './long-run/heap.ts'
import { runLong } from './long-run/long-run.ts'

/** `COLONY_HOURS=24` goes on for a simulated day. */
const HOURS = Number(process.env['COLONY_HOURS'] ?? '') || 1
const SAMPLES_PER_HOUR = HOURS > 2 ? 1 : 12
/** Code gets compiled, segments and queues find their size. */
const WARM_UP_HOURS = 0.3
/**
 * A hundred bytes for each round of heartbeats, or two hundred for each call, are more than that within the hour. In a long run, where warming up hardly counts and the phase of logs and
 * snapshots evens out, forty times less is noticed.
 */
const MOST_GROWTH_BYTES_PER_HOUR = HOURS > 8 ? 100_000 : 4_000_000
/** Wall-clock time for one simulated hour, on a busy machine. */
const HOUR_TAKES_MS = 600_000

it(
  'a cluster under light load, with snapshots, restarts and transfers, holds on to nothing',
  async () => {
    const { samples, calls, failed, restarts, snapshots } = await runLong(HOURS, SAMPLES_PER_HOUR)
    const steady = samples.filter(({ hours }) => hours > WARM_UP_HOURS)
    const growth = slope(steady.map(({ bytes }) => bytes)) * SAMPLES_PER_HOUR
    if (process.env['COLONY_HOURS'] !== undefined) {
      for (const sample of samples) process.stdout.write(`${JSON.stringify(sample)}\n`)
      const totals = { growth: Math.round(growth), calls, failed, restarts, snapshots }
      process.stdout.write(`${JSON.stringify(totals)}\n`)
    }
    expect(failed / calls).toBeLessThan(0.05)
    expect(restarts).toBeGreaterThan(HOURS)
    expect(snapshots).toBeGreaterThan(HOURS)
    expect(growth, 'bytes an hour').toBeLessThan(MOST_GROWTH_BYTES_PER_HOUR)
    const [first] = steady
    for (const { events, timers, afterInputs, receivers, files } of steady) {
      expect(events / (first?.events ?? 0)).toBeGreaterThan(0.8)
      expect(events / (first?.events ?? 0)).toBeLessThan(1.25)
      // A few for each node, and for each call that waits.
      expect(timers).toBeLessThan(60)
      expect(afterInputs).toBeLessThan(10)
      expect(receivers).toBe(3)
      expect(files).toBeLessThan(60)
    }
  },
  HOURS * HOUR_TAKES_MS + 120_000,
)
