import type { TrackerClock } from '../src/membership/options.ts'

/** Time that stands still until it is moved on. */
export class FakeClock implements TrackerClock {
  #now = 1000
  readonly #tasks = new Set<{ readonly due: number; readonly run: () => void }>()
  /** How many timers were ever asked for. */
  armed = 0

  now(): number {
    return this.#now
  }

  after(delayMs: number, run: () => void): Disposable {
    this.armed++
    const task = { due: this.#now + delayMs, run }
    this.#tasks.add(task)
    return { [Symbol.dispose]: () => void this.#tasks.delete(task) }
  }

  /** How many timers are running. */
  get pending(): number {
    return this.#tasks.size
  }

  /** Lets time pass, timer by timer. */
  advance(ms: number): void {
    const until = this.#now + ms
    for (;;) {
      const [next] = [...this.#tasks].filter(({ due }) => due <= until).sort((a, b) => a.due - b.due)
      if (next === undefined) break
      this.#tasks.delete(next)
      this.#now = Math.max(this.#now, next.due)
      next.run()
    }
    this.#now = until
  }
}
