import { performance } from 'node:perf_hooks'
import { checkLinearizable, registerModel, type Operation } from '@colony/testing'
import { median } from '../measure/percentiles.ts'
import { registerHistory, staleReadHistory } from './histories.ts'

/** How long one history takes to be judged. */
export interface CheckingRow {
  readonly history: string
  readonly operations: number
  readonly verdict: string
  readonly ms: number
  /** Milliseconds that it should take at most. */
  readonly goalMs: number
}

interface Case {
  readonly history: string
  readonly make: () => Operation[]
  readonly goalMs: number
}

const CASES: readonly Case[] = [
  {
    history: '10 clients, read, write and compare-and-set',
    make: () => registerHistory({ operations: 10_000, clients: 10 }),
    goalMs: 50,
  },
  {
    history: '100 keys, 5 clients each',
    make: () => registerHistory({ operations: 100_000, clients: 5, keys: 100 }),
    goalMs: 500,
  },
  {
    history: '20 clients, read and write, one stale read',
    make: () => staleReadHistory({ operations: 1000, clients: 20, cas: false }),
    goalMs: 100,
  },
  {
    history: '20 clients, also compare-and-set, one stale read',
    make: () => staleReadHistory({ operations: 1000, clients: 20 }),
    goalMs: 100,
  },
]

/** Judges every history again and again for about so many seconds; medians. */
export function measureChecking(seconds: number): CheckingRow[] {
  return CASES.map(({ history, make, goalMs }) => {
    const operations = make()
    const model = registerModel()
    const times: number[] = []
    let verdict = ''
    const until = performance.now() + seconds * 1000
    do {
      const started = performance.now()
      verdict = checkLinearizable(model, operations).verdict
      times.push(performance.now() - started)
    } while (performance.now() < until)
    return { history, operations: operations.length, verdict, ms: median(times), goalMs }
  })
}
