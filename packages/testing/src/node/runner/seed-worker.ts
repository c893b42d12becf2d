import { Worker } from 'node:worker_threads'
import { messageOf } from '../../scenario/broken-check.ts'
import type { SeedOutcome, SeedTask, WorkerStart } from './worker-messages.ts'

/** How to start a {@link SeedWorker}. */
export interface SeedWorkerOptions {
  /** What it runs. */
  readonly start: WorkerStart
  /** Modules that it imports first, by URL. */
  readonly preload: readonly string[]
  /** Longest time for one seed, in milliseconds. */
  readonly seedTimeoutMs: number
}

interface WorkerData extends WorkerStart {
  readonly modules: readonly string[]
}

// Text, because a thread that begins with a file cannot import anything before it, and what makes TypeScript loadable has to come first.
const BOOTSTRAP = `
const { workerData } = require('node:worker_threads')
void (async () => {
  for (const module of workerData.modules) await import(module)
})()
`

/**
 * Much of what a simulation makes lives for some milliseconds of simulated time: longer than it takes to fill the 48 MiB that Node gives to young objects. With
 * this many, seeds run a sixth faster, because less is moved about before it dies.
 */
const YOUNG_OBJECTS_MIB = 192

/** A thread that runs one seed at a time. */
export class SeedWorker {
  readonly #worker: Worker
  readonly #seedTimeoutMs: number
  #answer: ((outcome: SeedOutcome) => void) | undefined
  #end: string | undefined

  /** Starts the thread. */
  constructor({ start, preload, seedTimeoutMs }: SeedWorkerOptions) {
    // Beside this file, which is TypeScript in the repository and JavaScript in the package.
    const file = new URL(`suite-worker${import.meta.url.slice(-3)}`, import.meta.url)
    this.#seedTimeoutMs = seedTimeoutMs
    this.#worker = new Worker(BOOTSTRAP, {
      eval: true,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_OBJECTS_MIB },
      workerData: { ...start, modules: [...preload, file.href] } satisfies WorkerData,
    })
    this.#worker.on('message', (outcome: SeedOutcome) => this.#settle(outcome))
    this.#worker.on('error', (error: unknown) => this.#die(`its worker crashed: ${messageOf(error)}`))
    this.#worker.on('exit', (code) => this.#die(`its worker ended with exit code ${code}`))
  }

  /** Runs a seed. A thread that dies, or takes too long, has failed it. */
  run(task: SeedTask): Promise<SeedOutcome> {
    if (this.#end !== undefined) return Promise.resolve(crashed(this.#end))
    return new Promise((resolve) => {
      const told = `it took longer than ${this.#seedTimeoutMs} ms of real time`
      const timer = setTimeout(() => void this.#kill(told), this.#seedTimeoutMs)
      this.#answer = (outcome) => {
        clearTimeout(timer)
        resolve(outcome)
      }
      this.#worker.postMessage(task)
    })
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    this.#end ??= 'its worker was closed'
    await this.#worker.terminate()
  }

  async #kill(reason: string): Promise<void> {
    this.#die(reason)
    await this.#worker.terminate()
  }

  #die(reason: string): void {
    this.#end ??= reason
    this.#settle(crashed(this.#end))
  }

  #settle(outcome: SeedOutcome): void {
    this.#answer?.(outcome)
    this.#answer = undefined
  }
}

function crashed(reason: string): SeedOutcome {
  return { kind: 'error', code: 'TESTING_RUN_FAILED', message: `crash: ${reason}` }
}
