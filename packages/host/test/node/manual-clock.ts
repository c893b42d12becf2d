import type { Clock } from '../../src/clock.ts'

/** A clock that stands still until a test moves it; `afterInput` is the platform's, so real sockets are read first. */
export class ManualClock implements Clock {
  #now = 1000
  readonly #tasks = new Set<{ readonly due: number; readonly task: () => void }>()

  now(): number {
    return this.#now
  }

  after(delayMs: number, task: () => void): Disposable {
    const entry = { due: this.#now + delayMs, task }
    this.#tasks.add(entry)
    return { [Symbol.dispose]: () => this.#tasks.delete(entry) }
  }

  afterInput(task: () => void): void {
    setImmediate(task)
  }

  /** Timers that are armed. */
  get armed(): number {
    return this.#tasks.size
  }

  /** Moves time on and runs what has become due, earliest first, including what that arms. */
  advance(byMs: number): void {
    const target = this.#now + byMs
    for (;;) {
      const next = [...this.#tasks].filter(({ due }) => due <= target).sort((x, y) => x.due - y.due)[0]
      if (next === undefined) break
      this.#tasks.delete(next)
      this.#now = Math.max(this.#now, next.due)
      next.task()
    }
    this.#now = target
  }
}
