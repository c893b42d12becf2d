import type { SerfAnswer } from './serf.ts'

/** A query that is being answered. */
interface Asked {
  readonly answers: SerfAnswer[]
  /** How many are wanted; then it is over before its time. */
  readonly wanted: number
  resolve(answers: SerfAnswer[]): void
}

/** Collects answers to this node's queries. */
export class Answers {
  readonly #asked = new Map<number, Asked>()
  #next = 1

  /** Begins to collect. With `wanted` above 0, that many are enough. */
  open(wanted: number): { readonly question: number; readonly answers: Promise<SerfAnswer[]> } {
    const question = this.#next++
    const answers = new Promise<SerfAnswer[]>((resolve) => {
      this.#asked.set(question, { answers: [], wanted, resolve })
    })
    return { question, answers }
  }

  /** An answer came. */
  answer(question: number, from: string, payload: Uint8Array): void {
    const asked = this.#asked.get(question)
    if (asked === undefined) return
    asked.answers.push({ from, payload })
    if (asked.answers.length === asked.wanted) this.end(question)
  }

  /** No more are waited for. */
  end(question: number): void {
    const asked = this.#asked.get(question)
    this.#asked.delete(question)
    asked?.resolve(asked.answers)
  }

  /** No more are waited for, of any. */
  endAll(): void {
    for (const question of this.#asked.keys()) this.end(question)
  }
}
