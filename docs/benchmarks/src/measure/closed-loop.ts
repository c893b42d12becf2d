import { performance } from 'node:perf_hooks'
import { Samples } from './percentiles.ts'

/** Starts one operation and calls `done` exactly once when it is over. Callbacks, since a promise each would be measured too. */
export type Operation = (done: (ok: boolean) => void) => void

/** How hard and how long to drive. */
export interface Load {
  /** Operations kept outstanding at every moment. */
  readonly outstanding: number
  /** Driven but not counted, before the count begins. */
  readonly warmupMs: number
  /** Counted. */
  readonly measureMs: number
}

/** What came of a load. */
export interface LoadResult {
  readonly opsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Operations that completed within the measured time. */
  readonly operations: number
  /** Operations that succeeded at any time, warm-up and end included: what processor time is divided by. */
  readonly completed: number
  /** Operations that failed or were never answered, warm-up included. */
  readonly failures: number
  /** Processor time of the driving process, in microseconds an operation. */
  readonly driverCpuMicros: number
}

/** Longest wait for what is still outstanding at the end, so that the next load starts on an idle system. */
const DRAIN_MS = 5_000

/** Keeps a fixed number of operations outstanding: each one that completes starts the next. */
export async function runClosedLoop(load: Load, operation: Operation): Promise<LoadResult> {
  const samples = new Samples()
  const counting = { from: Infinity, until: Infinity }
  let completed = 0
  let failures = 0
  let running = load.outstanding
  let drained = (): void => undefined
  const cpu = process.cpuUsage()
  const startSlot = (): void => {
    let started = 0
    const done = (ok: boolean): void => {
      const now = performance.now()
      if (ok) completed++
      else failures++
      if (ok && now >= counting.from && now < counting.until) samples.add(now - started)
      if (now < counting.until) next()
      else if (--running === 0) drained()
    }
    const next = (): void => {
      started = performance.now()
      operation(done)
    }
    next()
  }
  for (let slot = 0; slot < load.outstanding; slot++) startSlot()
  await sleep(load.warmupMs)
  counting.from = performance.now()
  await sleep(load.measureMs)
  counting.until = performance.now()
  await Promise.race([new Promise<void>((resolve) => (drained = resolve)), sleep(DRAIN_MS)])
  const { user, system } = process.cpuUsage(cpu)
  return {
    opsPerSecond: (samples.count / (counting.until - counting.from)) * 1000,
    p50Ms: samples.percentile(0.5),
    p99Ms: samples.percentile(0.99),
    operations: samples.count,
    completed,
    failures: failures + running,
    driverCpuMicros: (user + system) / completed,
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
