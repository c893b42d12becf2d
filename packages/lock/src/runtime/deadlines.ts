/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock } from '@colony/host'

/** Something that is due at a time, unless it is removed before. Its fields belong to {@link Deadlines}. */
export abstract class Deadline {
  /** On the clock; set by {@link Deadlines.add}. */
  dueAt: number = 0
  /** @internal */
  row: Row | undefined
  /** @internal */
  before: Deadline | undefined
  /** @internal */
  after: Deadline | undefined

  /** The time has come. Must not throw. */
  abstract due(): void
}

/** Deadlines of one duration: they come in the order in which they are due. */
interface Row {
  readonly durationMs: number
  first: Deadline | undefined
  last: Deadline | undefined
}

/**
 * Deadlines of many locks with one timer. Adding and removing touch no timer: whether one is needed is looked at once in a turn of the event loop, when most
 * locks have been given back already. Locks have few different durations, and those of one duration are a queue.
 */
export class Deadlines {
  readonly #clock: Clock
  readonly #longestMs: number
  readonly #rows = new Map<number, Row>()
  #timer: Disposable | undefined
  #timerAt = Number.POSITIVE_INFINITY
  #looking = false
  readonly #onTurn = (): void => this.#look()

  /** @param longestMs The clock is looked at that often at least while anything is to be due: it may be put forward. */
  constructor(clock: Clock, longestMs: number = Number.POSITIVE_INFINITY) {
    this.#clock = clock
    this.#longestMs = longestMs
  }

  /** Lets `deadline` be due `durationMs` after `from`. For one duration, `from` never goes back by more than the others in its row allow: the row is kept in order. */
  add(deadline: Deadline, from: number, durationMs: number): void {
    deadline.dueAt = from + durationMs
    let row = this.#rows.get(durationMs)
    if (row === undefined)
      this.#rows.set(durationMs, (row = { durationMs, first: undefined, last: undefined }))
    insert(row, deadline)
    this.#lookSoon()
  }

  /** Forgets it; nothing happens where it was not added. */
  remove(deadline: Deadline): void {
    const { row, before, after } = deadline
    if (row === undefined) return
    if (before === undefined) row.first = after
    else before.after = after
    if (after === undefined) row.last = before
    else after.before = before
    deadline.row = undefined
    deadline.before = undefined
    deadline.after = undefined
    if (row.first === undefined) this.#lookSoon()
  }

  #lookSoon(): void {
    if (this.#looking) return
    this.#looking = true
    this.#clock.afterInput(this.#onTurn)
  }

  /** Sets the timer for the earliest deadline, or none: a timer for nothing would keep a process alive. */
  #look(): void {
    this.#looking = false
    let earliest = Number.POSITIVE_INFINITY
    for (const row of this.#rows.values()) {
      if (row.first === undefined) this.#rows.delete(row.durationMs)
      else earliest = Math.min(earliest, row.first.dueAt)
    }
    // One that rings early looks again; one that is late is set anew.
    if (this.#timer !== undefined && this.#timerAt <= earliest && earliest !== Number.POSITIVE_INFINITY)
      return
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
    this.#timerAt = Number.POSITIVE_INFINITY
    if (earliest === Number.POSITIVE_INFINITY) return
    const now = this.#clock.now()
    const delayMs = Math.min(Math.max(0, earliest - now), this.#longestMs)
    this.#timerAt = now + delayMs
    this.#timer = this.#clock.after(delayMs, () => this.#ring())
  }

  #ring(): void {
    this.#timer = undefined
    const now = this.#clock.now()
    for (const row of this.#rows.values()) {
      for (let { first } = row; first !== undefined && first.dueAt <= now; first = row.first) {
        this.remove(first)
        first.due()
      }
    }
    this.#lookSoon()
  }
}

function insert(row: Row, deadline: Deadline): void {
  let before = row.last
  // Where attempts overlap, one that began earlier may be granted later.
  while (before !== undefined && before.dueAt > deadline.dueAt) before = before.before
  const after = before === undefined ? row.first : before.after
  deadline.row = row
  deadline.before = before
  deadline.after = after
  if (before === undefined) row.first = deadline
  else before.after = deadline
  if (after === undefined) row.last = deadline
  else after.before = deadline
}
