import type { Clock } from '@colony/host'

interface Timer {
  readonly at: number
  readonly task: () => void
}

/** Time that passes when it is told to. Between two timers everything that waits for promises runs. */
export class ManualClock implements Clock {
  #now = 1000
  #timers: Timer[] = []
  #turn: (() => void)[] = []

  now(): number {
    return this.#now
  }

  after(delayMs: number, task: () => void): Disposable {
    const timer = { at: this.#now + Math.max(0, delayMs), task }
    this.#timers.push(timer)
    return { [Symbol.dispose]: () => (this.#timers = this.#timers.filter((other) => other !== timer)) }
  }

  afterInput(task: () => void): void {
    this.#turn.push(task)
  }

  /** How many timers are set. */
  get timers(): number {
    return this.#timers.length
  }

  /** Time passes and nothing happens: the process is paused. */
  pause(ms: number): void {
    this.#now += ms
  }

  /** Lets everything happen that is due within `ms`. */
  async run(ms: number): Promise<void> {
    const until = this.#now + ms
    await this.#settle()
    for (;;) {
      const next = this.#timers
        .filter(({ at }) => at <= until)
        .reduce<Timer | undefined>(
          (first, timer) => (first !== undefined && first.at <= timer.at ? first : timer),
          undefined,
        )
      if (next === undefined) break
      this.#timers = this.#timers.filter((timer) => timer !== next)
      this.#now = Math.max(this.#now, next.at)
      next.task()
      await this.#settle()
    }
    this.#now = Math.max(this.#now, until)
  }

  async #settle(): Promise<void> {
    for (let round = 0; round < 20; round++) {
      for (const task of this.#turn.splice(0)) task()
      await Promise.resolve()
    }
  }
}
