import { Worker } from 'node:worker_threads'

/** As `exploreInWorkers` does: see there. */
const YOUNG_OBJECTS_MIB = 192

/** Starts a module in a thread like those that run seeds, gives it a task, and resolves with its one answer. */
export function inThread<Answer>(module: URL, task: unknown): Promise<Answer> {
  const worker = new Worker(module, {
    workerData: task,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_OBJECTS_MIB },
  })
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`the thread ended with exit code ${code}`)))
  })
}
