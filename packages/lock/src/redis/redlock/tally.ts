/** What one server says: it did it, it did not, or it could not be asked. The last is no vote for anything. */
export type Answer = 'yes' | 'no' | 'unable'

/**
 * What all of them say: `'yes'` by a majority; `'no'`, so many that there is no majority whatever the others say; `'unable'`, so many that nothing can be decided; `'split'`,
 * none of these, and no majority any more.
 */
export type Outcome = 'yes' | 'no' | 'unable' | 'split'

/** Counts votes. A majority is one of all servers, not of those that answer. */
export class Tally {
  readonly #servers: number
  #yes = 0
  #no = 0
  #unable = 0

  constructor(servers: number) {
    this.#servers = servers
  }

  /** How many did not vote. */
  get unable(): number {
    return this.#unable
  }

  add(answer: Answer): void {
    if (answer === 'yes') this.#yes += 1
    else if (answer === 'no') this.#no += 1
    else this.#unable += 1
  }

  /** Nobody is waited for any more: who has not answered is unable to. */
  close(): void {
    this.#unable = this.#servers - this.#yes - this.#no
  }

  /** What it comes to; `undefined` while others may still decide it. The first answer stays. */
  get outcome(): Outcome | undefined {
    const spare = Math.ceil(this.#servers / 2) - 1
    if (this.#yes >= this.#servers - spare) return 'yes'
    if (this.#no > spare) return 'no'
    if (this.#unable > spare) return 'unable'
    return this.#no + this.#unable > spare ? 'split' : undefined
  }
}
