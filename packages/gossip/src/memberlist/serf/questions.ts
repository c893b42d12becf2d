import type { QueryResponse } from './serf-messages.ts'

/** A query of others' that may still be answered. */
export interface OpenQuery {
  readonly time: number
  readonly id: number
  readonly endpoint: string
  readonly source: string
  readonly relayFactor: number
  readonly until: number
}

/** A query of ours that may still be answered. */
interface Asked {
  readonly question: number
  readonly id: number
  readonly until: number
  readonly answered: Set<string>
}

/** Most queries that wait for an answer of this node, most of its own, and most answers to one. */
const MAX_OPEN = 1024
const MAX_ASKED = 256
const MAX_ANSWERS = 65_536

/** Queries under way: those of others that this node's user may answer, and its own. */
export class Questions {
  readonly #open = new Map<number, OpenQuery>()
  readonly #asked = new Map<number, Asked>()
  #next = 1

  /** When the next one is over. */
  get deadline(): number {
    let earliest = Infinity
    for (const { until } of this.#open.values()) earliest = Math.min(earliest, until)
    for (const { until } of this.#asked.values()) earliest = Math.min(earliest, until)
    return earliest
  }

  /** A query of somebody's. The number by which it can be answered; `undefined` when too many wait. */
  open(query: OpenQuery): number | undefined {
    if (this.#open.size >= MAX_OPEN) return undefined
    const question = this.#next++
    this.#open.set(question, query)
    return question
  }

  /** The query to answer, once: `undefined` when its time is over or it was answered. */
  close(question: number): OpenQuery | undefined {
    const query = this.#open.get(question)
    this.#open.delete(question)
    return query
  }

  /** Answers to a query of ours, said at `time`, belong to `question`. Whether there is room for it. */
  ask(question: number, time: number, id: number, until: number): boolean {
    if (this.#asked.size >= MAX_ASKED) return false
    this.#asked.set(time, { question, id, until, answered: new Set() })
    return true
  }

  /** An answer came: the question that it is for, if it is the first one of its sender. */
  answered({ time, id, from }: QueryResponse): number | undefined {
    const asked = this.#asked.get(time)
    if (asked?.id !== id || asked.answered.has(from) || asked.answered.size >= MAX_ANSWERS) return undefined
    asked.answered.add(from)
    return asked.question
  }

  /** Ends what is over. The questions of ours among it. */
  expire(now: number): number[] {
    for (const [question, { until }] of this.#open) if (until <= now) this.#open.delete(question)
    const ended: number[] = []
    for (const [time, { question, until }] of this.#asked) {
      if (until > now) continue
      this.#asked.delete(time)
      ended.push(question)
    }
    return ended
  }
}
