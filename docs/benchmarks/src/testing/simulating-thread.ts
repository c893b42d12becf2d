import { performance } from 'node:perf_hooks'
import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { simulate } from '@colony/testing'
import { busySuite, calmSuite } from './raft-suite.ts'

/** What one thread is to do: three stretches of real time, one after the other. */
export interface SimulatingTask {
  readonly load: 'busy' | 'calm'
  readonly firstSeed: number
  /** From the start on, with code that is not compiled yet. */
  readonly firstMs: number
  /** Not measured. */
  readonly warmUpMs: number
  /** With compiled code. */
  readonly ms: number
}

/** What a stretch of real time held. */
export interface Stretch {
  readonly seeds: number
  readonly simulatedMs: number
  readonly events: number
  readonly ms: number
}

/** The measured stretches. */
export interface SimulatingAnswer {
  readonly first: Stretch
  readonly warm: Stretch
}

async function runSeeds(load: SimulatingTask['load'], firstSeed: number, forMs: number): Promise<Stretch> {
  const started = performance.now()
  const total = { seeds: 0, simulatedMs: 0, events: 0 }
  while (performance.now() - started < forMs) {
    const seed = firstSeed + total.seeds
    const { simulatedMs, events } = await simulate(load === 'busy' ? busySuite : calmSuite, seed)
    total.seeds += 1
    total.simulatedMs += simulatedMs
    total.events += events
  }
  return { ...total, ms: performance.now() - started }
}

async function carryOut({ load, firstSeed, firstMs, warmUpMs, ms }: SimulatingTask): Promise<void> {
  const first = await runSeeds(load, firstSeed, firstMs)
  const between = await runSeeds(load, firstSeed + first.seeds, warmUpMs)
  const warm = await runSeeds(load, firstSeed + first.seeds + between.seeds, ms)
  parentPort?.postMessage({ first, warm } satisfies SimulatingAnswer)
}

if (!isMainThread) await carryOut(workerData as SimulatingTask)
