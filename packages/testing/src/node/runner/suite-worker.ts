import { parentPort, workerData } from 'node:worker_threads'
import { TestingError } from '../../errors.ts'
import { runSeed } from '../../run/explore.ts'
import { messageOf } from '../../scenario/broken-check.ts'
import { SimulationFailure } from '../../scenario/simulation-failure.ts'
import { loadSuite } from './load-suite.ts'
import type { SeedOutcome, SeedTask, WorkerStart } from './worker-messages.ts'

// What a worker thread runs; see exploreInWorkers.

const start = workerData as WorkerStart

async function outcomeOf({ seed, twice }: SeedTask): Promise<SeedOutcome> {
  try {
    const { strict } = start
    const suite = await loadSuite(start)
    const report = await runSeed(suite, seed, strict === undefined ? {} : { strict }, twice)
    return { kind: 'report', report }
  } catch (error) {
    if (error instanceof SimulationFailure) return { kind: 'failure' }
    const code = error instanceof TestingError ? error.code : 'TESTING_RUN_FAILED'
    return { kind: 'error', code, message: messageOf(error) }
  }
}

parentPort?.on('message', (task: SeedTask) => {
  void outcomeOf(task).then((outcome) => parentPort?.postMessage(outcome))
})
