import { TestingError } from '../errors.ts'
import type { Operation } from '../history/operation.ts'

/**
 * A history of one object as the search wants it: the returns in order, the calls before each, and a slot for every operation while it is open.
 *
 * Slots are handed on when an operation returns, so their number is the greatest concurrency, and "which of the open operations have taken effect"
 * is a bitmask over slots. An operation of unknown outcome never returns and keeps its slot.
 */
export interface EventOrder {
  /** What the numbers below stand for. */
  readonly operations: readonly Operation[]
  /** The operation whose return is the n-th. */
  readonly returns: Int32Array
  /** Operations in the order of their calls. */
  readonly calls: Int32Array
  /** How many of `calls` come before the n-th return. */
  readonly callsBefore: Int32Array
  /** Each operation's slot. */
  readonly slots: Int32Array
  /** Number of slots. */
  readonly width: number
}

interface Moment {
  readonly time: number
  readonly operation: number
  readonly call: boolean
}

/** Orders one object's operations; those that failed must have been left out. Equal times are concurrent, so calls come before returns. */
export function orderEvents(operations: readonly Operation[]): EventOrder {
  const moments = operations.flatMap(momentsOf)
  moments.sort((left, right) => left.time - right.time || Number(right.call) - Number(left.call))
  const slots = new Int32Array(operations.length)
  const free: number[] = []
  const calls: number[] = []
  const returns: number[] = []
  const callsBefore: number[] = []
  let width = 0
  for (const { operation, call } of moments) {
    if (call) {
      slots[operation] = free.pop() ?? width++
      calls.push(operation)
    } else {
      free.push(slots[operation] as number)
      returns.push(operation)
      callsBefore.push(calls.length)
    }
  }
  return {
    operations,
    returns: Int32Array.from(returns),
    calls: Int32Array.from(calls),
    callsBefore: Int32Array.from(callsBefore),
    slots,
    width,
  }
}

function momentsOf({ invokedAt, completedAt, outcome }: Operation, operation: number): Moment[] {
  const call = { time: invokedAt, operation, call: true }
  if (outcome !== 'ok') return [call]
  if (!(completedAt >= invokedAt) || completedAt === Number.POSITIVE_INFINITY) {
    throw new TestingError(
      'TESTING_INVALID_OPTION',
      `operation ${operation} of the history is 'ok' but completed at ${completedAt}, having been invoked at ${invokedAt}`,
    )
  }
  return [call, { time: completedAt, operation, call: false }]
}
