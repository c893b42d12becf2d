import { performance } from 'node:perf_hooks'
import { progress } from '../bench.ts'
import { Samples } from '../measure/percentiles.ts'
import { formatMs } from '../measure/table.ts'
import { type Locker, sleep, type System } from './locker.ts'
import type { Rounds } from './uncontended.ts'

/** Held for so long, and so many steps longer in turn: whoever asks again and again is met at every moment of its pauses. */
const LEAST_HELD_MS = 8
const STEPS = 13
/** Of each round: connections listen, scripts are loaded. */
const WARMUP_HANDOVERS = 2

/** From the call of `release` until the one that waits has the lock. */
export interface HandoverRow {
  readonly system: string
  readonly p50Ms: number
  readonly p99Ms: number
  readonly handovers: number
}

/** Two clients hand one lock to and fro; the systems take turns, round after round. */
export async function measureHandovers(
  systems: readonly System[],
  { rounds, measureMs }: Rounds,
): Promise<HandoverRow[]> {
  const samples = new Map(systems.map(({ name }) => [name, new Samples()]))
  for (let round = 1; round <= rounds; round++) {
    for (const system of systems) {
      const one = await system.open()
      const other = await system.open()
      await handOver([one, other], measureMs, samples.get(system.name) ?? new Samples())
      await one[Symbol.asyncDispose]()
      await other[Symbol.asyncDispose]()
    }
  }
  return [...samples].map(([system, all]) => {
    const row = { system, p50Ms: all.percentile(0.5), p99Ms: all.percentile(0.99), handovers: all.count }
    progress(`handover, ${system}: p50 ${formatMs(row.p50Ms)} ms, p99 ${formatMs(row.p99Ms)} ms`)
    return row
  })
}

async function handOver(pair: readonly [Locker, Locker], measureMs: number, samples: Samples): Promise<void> {
  const key = 'handed'
  let [holder, waiter] = pair
  let release = await holder.take(key)
  const until = performance.now() + measureMs
  for (let count = 0; performance.now() < until; count++) {
    let grantedAt = 0
    const granted = waiter.take(key).then((next) => {
      grantedAt = performance.now()
      return next
    })
    await sleep(LEAST_HELD_MS + (count % STEPS))
    const releasedAt = performance.now()
    const [next] = await Promise.all([granted, release()])
    if (count >= WARMUP_HANDOVERS) samples.add(grantedAt - releasedAt)
    ;[holder, waiter] = [waiter, holder]
    release = next
  }
  await release()
}
