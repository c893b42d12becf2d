import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { type CoreRow, measureCores } from './cores.ts'

/** As `exploreInWorkers` does: see there. */
const YOUNG_OBJECTS_MIB = 192

/** {@link measureCores} in a thread like those that run suites. */
export function measureCoresInThread(seconds: number): Promise<CoreRow[]> {
  const worker = new Worker(fileURLToPath(import.meta.url), {
    workerData: { seconds },
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_OBJECTS_MIB },
  })
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

if (!isMainThread) {
  const { seconds } = workerData as { readonly seconds: number }
  parentPort?.postMessage(measureCores(seconds))
}
