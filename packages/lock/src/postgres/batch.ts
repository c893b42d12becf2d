/**
 * Jobs that go to the server together: those of one turn, and those that come while others are under way. One trip at a time.
 */
export class Batch<Job> {
  readonly #most: number
  readonly #run: (jobs: Job[]) => Promise<void>
  #waiting: Job[] = []
  #isRunning = false

  /** @param run Carries out at most `most` jobs, and tells each what became of it. Must not reject. */
  constructor(most: number, run: (jobs: Job[]) => Promise<void>) {
    this.#most = most
    this.#run = run
  }

  add(job: Job): void {
    this.#waiting.push(job)
    if (this.#isRunning) return
    this.#isRunning = true
    void this.#runAll()
  }

  async #runAll(): Promise<void> {
    // Later in this turn others may come.
    await Promise.resolve()
    while (this.#waiting.length > 0) await this.#run(this.#waiting.splice(0, this.#most))
    this.#isRunning = false
  }
}
