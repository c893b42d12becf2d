import { availableParallelism } from 'node:os'
import type { SimulatingAnswer, SimulatingTask, Stretch } from './simulating-thread.ts'
import { inThread } from './threads.ts'

/** How much simulated time a second of real time holds, with faults, clients, history and checks. */
export interface SimulatingRow {
  readonly load: string
  readonly threads: number
  readonly seeds: number
  /** In the first seconds of a thread, with code that is not compiled yet. */
  readonly firstSimulatedSecondsPerSecond: number
  readonly simulatedSecondsPerSecond: number
  readonly eventsPerSecond: number
  /** Simulated seconds a second that there should be at least. */
  readonly goal: number
}

/** A client does something every so many milliseconds: busy as in raft's own suite, and as in a service that is mostly idle. */
const LOADS = [
  { told: '3 clients, an operation every 10 to 100 ms each', load: 'busy' },
  { told: '3 clients, an operation every 1 to 3 s each', load: 'calm' },
] as const

/** Engines compile a whole service over several seconds of it: so many times `seconds` pass before the figures count, and so many make them. */
const [WARM_UP, MEASURED] = [2, 3] as const
const GOAL = 1000
/** Seeds of one thread begin so far behind those of the one before. */
const SEEDS_APART = 1_000_000

/** Runs seeds with each load, in one thread and then, as suites do, on all cores: what `seconds` hold at first, and what they hold later. */
export async function measureSimulating(seconds: number): Promise<SimulatingRow[]> {
  const rows: SimulatingRow[] = []
  const stretches = {
    firstMs: seconds * 1000,
    warmUpMs: WARM_UP * seconds * 1000,
    ms: MEASURED * seconds * 1000,
  }
  for (const { told, load } of LOADS) {
    for (const threads of new Set([1, availableParallelism()])) {
      const answers = Array.from({ length: threads }, (_, at) => {
        const task: SimulatingTask = { load, firstSeed: 1 + at * SEEDS_APART, ...stretches }
        return inThread<SimulatingAnswer>(new URL('simulating-thread.js', import.meta.url), task)
      })
      rows.push(rowOf(told, await Promise.all(answers)))
    }
  }
  return rows
}

function rowOf(load: string, answers: readonly SimulatingAnswer[]): SimulatingRow {
  const first = answers.map((answer) => answer.first)
  const warm = answers.map((answer) => answer.warm)
  return {
    load,
    threads: answers.length,
    seeds: warm.reduce((sum, { seeds }) => sum + seeds, 0),
    firstSimulatedSecondsPerSecond: together(first, ({ simulatedMs }) => simulatedMs / 1000),
    simulatedSecondsPerSecond: together(warm, ({ simulatedMs }) => simulatedMs / 1000),
    eventsPerSecond: together(warm, ({ events }) => events),
    goal: GOAL,
  }
}

/** What threads that ran at the same time came to in a second, each by its own time. */
function together(stretches: readonly Stretch[], of: (stretch: Stretch) => number): number {
  return Math.round(stretches.reduce((sum, stretch) => sum + (of(stretch) / stretch.ms) * 1000, 0))
}
