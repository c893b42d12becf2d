import { availableParallelism } from 'node:os'
import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { type CoreRow, measureCores } from './cores.ts'
import { inThread } from './threads.ts'

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
      inThread<CoreRow[]>(new URL(import.meta.url), {
        seconds,
        firstSeed: at * SEEDS_APART,
      } satisfies Task),
    )
    rows.push(...addUp(await Promise.all(each)))
  }
  return rows
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
