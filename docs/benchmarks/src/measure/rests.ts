import { cpus } from 'node:os'
import { median } from './percentiles.ts'

/** What other programs took of all processors while the benchmark rested: shares from 0 to 1. */
export interface OtherLoad {
  readonly median: number
  readonly most: number
}

/** Pauses in which nothing of the benchmark runs. They show what else the machine is doing, from the first measurement to the last. */
export class Rests {
  readonly #shares: number[] = []

  /** Waits, and looks how busy the machine is meanwhile. */
  async rest(ms: number): Promise<void> {
    const before = processorTimes()
    await new Promise((resolve) => setTimeout(resolve, ms))
    const after = processorTimes()
    const all = after.all - before.all
    if (all > 0) this.#shares.push((after.busy - before.busy) / all)
  }

  /** Over all rests; `undefined` when there was none. */
  get otherLoad(): OtherLoad | undefined {
    if (this.#shares.length === 0) return undefined
    return { median: median(this.#shares), most: Math.max(...this.#shares) }
  }
}

function processorTimes(): { readonly busy: number; readonly all: number } {
  let busy = 0
  let all = 0
  for (const { times } of cpus()) {
    const total = times.user + times.nice + times.sys + times.irq + times.idle
    all += total
    busy += total - times.idle
  }
  return { busy, all }
}
