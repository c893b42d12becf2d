import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { type CoreRow, measureCores } from './cores.ts'

/** As `exploreInWorkers` does: see there. */
const YOUNG_OBJECTS_MIB = 192
/** Seeds of one thread begin so far behind those of the one before. */
const SEEDS_APART = 1_000_000

interface Task {
  readonly seconds: number
  readonly firstSeed: number
}

/** {@link measureCores} in one thread like those that run suites, and then, as suites do, on all cores at once. */
export async function measureCoresInThreads(seconds: number): Promise<CoreRow[]> {
  const rows: CoreRow[] = []
  for (const threads of new Set([1, availableParallelism()])) {
    const each = Array.from({ length: threads }, (_, at) =>
      inThread({ seconds, firstSeed: at * SEEDS_APART }),
    )
    rows.push(...addUp(await Promise.all(each)))
  }
  return rows
}

function inThread(task: Task): Promise<CoreRow[]> {
  const worker = new Worker(fileURLToPath(import.meta.url), {
    workerData: task,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_OBJECTS_MIB },
  })
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

/** What threads that ran at the same time came to together, row by row. */
function addUp(threads: readonly (readonly CoreRow[])[]): CoreRow[] {
  const [first = []] = threads
  return first.map((row, at) => {
    const sum = (of: (row: CoreRow) => number): number =>
      threads.reduce((total, rows) => total + of(rows[at] ?? row), 0)
    return {
      ...row,
      threads: threads.length,
      eventsPerSecond: sum(({ eventsPerSecond }) => eventsPerSecond),
      timesReal: sum(({ timesReal }) => timesReal),
    }
  })
}

if (!isMainThread) {
  const { seconds, firstSeed } = workerData as Task
  parentPort?.postMessage(measureCores(seconds, firstSeed))
}
