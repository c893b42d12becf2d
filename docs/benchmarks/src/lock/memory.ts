import { createLocks, memoryBackend } from '@colony/lock'
import AsyncLock from 'async-lock'
import { Mutex } from 'async-mutex'
import { performance } from 'node:perf_hooks'
import { median } from '../measure/percentiles.ts'
import type { UncontendedRow } from './uncontended.ts'

/** Taken and given back between two looks at the clock. */
const STRIDE = 1000

/** One lock after the other in one process: called directly, since whatever stood between would cost as much as the lock. */
const CYCLES: Readonly<Record<string, () => () => Promise<void>>> = {
  colony() {
    const locks = createLocks(memoryBackend())
    return async () => {
      for (let count = 0; count < STRIDE; count++) {
        const lock = await locks.acquire('key')
        await lock.release()
      }
    }
  },
  'async-mutex'() {
    const mutex = new Mutex()
    return async () => {
      for (let count = 0; count < STRIDE; count++) {
        const release = await mutex.acquire()
        release()
      }
    }
  },
  'async-lock'() {
    const locks = new AsyncLock()
    const task = (): void => undefined
    return async () => {
      for (let count = 0; count < STRIDE; count++) await locks.acquire('key', task)
    }
  },
}

/** Locks that nobody else wants, one at a time: ours knows deadlines, tokens and keys; `async-mutex` is one lock without a key, and `async-lock` has keys. */
export async function measureMemory({
  rounds,
  measureMs,
}: {
  readonly rounds: number
  readonly measureMs: number
}): Promise<UncontendedRow[]> {
  const rates = new Map<string, number[]>()
  for (let round = 0; round < rounds; round++) {
    for (const [name, make] of Object.entries(CYCLES)) {
      const cycles = make()
      await ratePerSecond(cycles, measureMs / 4)
      rates.set(name, [...(rates.get(name) ?? []), await ratePerSecond(cycles, measureMs)])
    }
  }
  return [...rates].map(([system, all]) => {
    const opsPerSecond = Math.round(median(all))
    return { system, outstanding: 1, opsPerSecond, p50Ms: NaN, p99Ms: NaN, failures: 0, rounds: all }
  })
}

async function ratePerSecond(cycles: () => Promise<void>, measureMs: number): Promise<number> {
  const startedAt = performance.now()
  let count = 0
  let elapsedMs = 0
  while (elapsedMs < measureMs) {
    await cycles()
    // Timers and the rest have their turn, as in a program.
    await new Promise((resolve) => setImmediate(resolve))
    count += STRIDE
    elapsedMs = performance.now() - startedAt
  }
  return (count / elapsedMs) * 1000
}
