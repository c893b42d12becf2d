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

/** The operations that returned, in the order in which they did. */
export function orderReturns(operations: readonly Operation[]): Int32Array {
  const ends = new Float64Array(operations.length)
  const returned: number[] = []
  operations.forEach(({ outcome, completedAt }, operation) => {
    ends[operation] = completedAt
    if (outcome === 'ok') returned.push(operation)
  })
  return sortedBy(returned, ends)
}

/** Orders one object's operations; those that failed must have been left out. Equal times are concurrent, so calls come before returns. */
export function orderEvents(operations: readonly Operation[]): EventOrder {
  const starts = new Float64Array(operations.length)
  operations.forEach(({ invokedAt }, operation) => {
    starts[operation] = invokedAt
  })
  const calls = sortedBy([...starts.keys()], starts)
  const returns = orderReturns(operations)
  const callsBefore = new Int32Array(returns.length)
  const slots = new Int32Array(operations.length)
  const free: number[] = []
  let width = 0
  let called = 0
  const callUntil = (time: number): void => {
    for (; called < calls.length; called += 1) {
      const operation = calls[called] as number
      if ((starts[operation] as number) > time) return
      slots[operation] = free.pop() ?? width++
    }
  }
  returns.forEach((operation, position) => {
    callUntil(operations[operation]?.completedAt ?? 0)
    callsBefore[position] = called
    free.push(slots[operation] as number)
  })
  callUntil(Number.POSITIVE_INFINITY)
  return { operations, returns, calls, callsBefore, slots, width }
}

/** Histories are mostly in order already, and looking costs nothing beside sorting. */
function sortedBy(numbers: number[], times: Float64Array): Int32Array {
  const compare = (left: number, right: number): number => (times[left] as number) - (times[right] as number)
  const inOrder = numbers.every(
    (each, place) => place === 0 || compare(numbers[place - 1] as number, each) <= 0,
  )
  return Int32Array.from(inOrder ? numbers : numbers.sort(compare))
}
