import type { Witness } from '../check/witness.ts'
import type { Operation, Outcome } from '../history/operation.ts'
import { outcomeText, processName, requestText } from './operation-text.ts'
import type { FailurePicture } from './failure-picture.ts'

/** What an operation is to the verdict: the one that can't be explained, part of what convicts, or neither. */
export type IntervalPart = 'impossible' | 'convicting' | 'other'

/** One operation of one client, as a bar. */
export interface Interval {
  /** Lane of the client, 0 and up. */
  readonly process: number
  /** Line within the lane, 0 and up: bars of one line do not overlap, but for ends that stay open. */
  readonly row: number
  /** Milliseconds. */
  readonly from: number
  /** Milliseconds; absent while the outcome is unknown: it may take effect at any later time, or never. */
  readonly to?: number
  readonly outcome: Outcome
  readonly request: string
  readonly answer: string
  readonly part: IntervalPart
  /** Place in the last legal order, 1 and up; 0 for an operation without one. */
  readonly order: number
}

/** The bars of a history, and the clients that they belong to. */
export interface IntervalLayout {
  /** In order of the calls. */
  readonly intervals: readonly Interval[]
  /** Names of the clients, from the top. */
  readonly processes: readonly string[]
}

/** Lays out what the clients did, client by client. */
export function layoutIntervals({ operations, witness }: FailurePicture): IntervalLayout {
  const all = [...(operations ?? witness?.prefix ?? [])]
  all.sort((left, right) => left.invokedAt - right.invokedAt)
  const marks = new WitnessMarks(witness)
  const lanes = new Map<number | string, Lane>()
  for (const process of [...new Set(all.map((operation) => operation.process))].sort(byName)) {
    lanes.set(process, { place: lanes.size, busyUntil: [] })
  }
  const intervals = all.map((operation): Interval => {
    const lane = lanes.get(operation.process) as Lane
    const open = operation.outcome === 'unknown' || operation.completedAt === Number.POSITIVE_INFINITY
    return {
      process: lane.place,
      row: freeRow(lane, operation, open),
      from: operation.invokedAt,
      ...(!open && { to: operation.completedAt }),
      outcome: operation.outcome,
      request: requestText(operation),
      answer: outcomeText(operation),
      ...marks.of(operation),
    }
  })
  return { intervals, processes: [...lanes.keys()].map(processName) }
}

interface Lane {
  readonly place: number
  readonly busyUntil: number[]
}

/** Clients of numbers in their order, then those of names. */
function byName(left: number | string, right: number | string): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right
  if (typeof left !== typeof right) return typeof left === 'number' ? -1 : 1
  return String(left) < String(right) ? -1 : 1
}

/** An open end takes no room: its client has gone on, and the bar is drawn up to the next one. */
function freeRow({ busyUntil }: Lane, operation: Operation, open: boolean): number {
  const free = busyUntil.findIndex((until) => until <= operation.invokedAt)
  const row = free === -1 ? busyUntil.length : free
  busyUntil[row] = open ? operation.invokedAt : operation.completedAt
  return row
}

/**
 * Finds operations of a history in its witness, which holds copies of them. A client that goes on after an unknown outcome may call twice at one
 * instant; then they are told apart by their order.
 */
class WitnessMarks {
  readonly #impossible: string
  readonly #convicting = new Map<string, number>()
  readonly #orders = new Map<string, number[]>()

  constructor(witness: Witness | undefined) {
    this.#impossible = witness === undefined ? '' : identity(witness.operation)
    for (const operation of witness?.prefix ?? []) {
      const id = identity(operation)
      this.#convicting.set(id, (this.#convicting.get(id) ?? 0) + 1)
    }
    witness?.lastLegal.forEach((operation, place) => {
      const id = identity(operation)
      const orders = this.#orders.get(id)
      if (orders === undefined) this.#orders.set(id, [place + 1])
      else orders.push(place + 1)
    })
  }

  of(operation: Operation): { readonly part: IntervalPart; readonly order: number } {
    const id = identity(operation)
    const order = this.#orders.get(id)?.shift() ?? 0
    const left = this.#convicting.get(id) ?? 0
    if (left > 0) this.#convicting.set(id, left - 1)
    if (id === this.#impossible && operation.outcome === 'ok') return { part: 'impossible', order }
    return { part: left > 0 ? 'convicting' : 'other', order }
  }
}

function identity(operation: Operation): string {
  const { process, invokedAt } = operation
  return `${typeof process} ${process} ${invokedAt} ${requestText(operation)}`
}
