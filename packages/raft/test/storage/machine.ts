import type { Random } from '@colony/host'
import { SimulatedDisk } from '@colony/testing'

interface Task {
  readonly time: number
  readonly run: () => void
}

/** A simulated disk and the time it runs on, advanced one completion at a time: every moment at which a machine can fail. */
export class Machine {
  readonly disk: SimulatedDisk
  /** Completions so far. */
  steps = 0
  #now = 0
  #tasks: Task[] = []

  constructor(random: Random) {
    this.disk = new SimulatedDisk({
      random,
      later: (delayMs, run) => this.#tasks.push({ time: this.#now + delayMs, run }),
    })
  }

  /** Lets one operation complete, and everything that follows from it without the disk; `false` when none is under way. */
  async step(): Promise<boolean> {
    await settled()
    const next = this.#tasks.reduce<Task | undefined>(
      (first, task) => (first === undefined || task.time < first.time ? task : first),
      undefined,
    )
    if (next === undefined) return false
    this.#tasks = this.#tasks.filter((task) => task !== next)
    this.#now = next.time
    this.steps++
    next.run()
    await settled()
    return true
  }

  /** Steps until the promise has settled, and says how. */
  async finish<Result>(promise: Promise<Result>): Promise<Result> {
    let isOver = false
    const over = (): void => {
      isOver = true
    }
    promise.then(over, over)
    await settled()
    while (!isOver)
      if (!(await this.step()) && !isOver)
        throw new Error('nothing is under way, yet the call has not returned')
    return await promise
  }

  /** Steps until nothing is under way: also what goes on in the background is done. */
  async idle(): Promise<void> {
    while (await this.step());
  }

  /** The power fails. */
  crash(): void {
    this.disk.crash()
    this.#tasks = []
  }

  /** The process dies; the machine lives on. */
  kill(): void {
    this.disk.kill()
    this.#tasks = []
  }
}

/** Operations of the disk that fail at random while a log is written. */
export const FAILING = [
  'writeDurable',
  'write',
  'sync',
  'syncDirectory',
  'rename',
  'open',
  'read',
  'truncate',
] as const

/** A stream whose latencies do not depend on `variant`, but everything else does: many crashes of one and the same run. */
export function crashVariant(random: Random, variant: number): Random {
  return {
    float: () => random.float(),
    integer: (min, max) => random.integer(min, max),
    fork: (label) => random.fork(label === 'latency' ? label : `${label} ${variant}`),
  }
}

/** A macrotask boundary: every promise reaction, however long the chain, has run. */
async function settled(): Promise<void> {
  await new Promise<void>((resolve) => void setImmediate(resolve))
}
