import type { Model, Operation } from '../../src/index.ts'

/**
 * The definition of linearizability, word by word: some order of some of the operations (all that returned, any of the unknown ones) that respects
 * real time and that the model allows. Exponential, and written without a thought for anything but being obviously right.
 */
export function isLinearizable<State>(model: Model<State>, history: readonly Operation[]): boolean {
  const operations = history.filter((operation) => operation.outcome !== 'fail')
  const extend = (state: State, left: readonly Operation[]): boolean => {
    if (left.every((operation) => operation.outcome === 'unknown')) return true
    return left.some((operation) => {
      const others = left.filter((other) => other !== operation)
      if (others.some((other) => precedes(other, operation))) return false
      const { legal, state: next } = model.step(state, operation)
      return legal && extend(next, others)
    })
  }
  return extend(model.init(), operations)
}

function precedes(earlier: Operation, later: Operation): boolean {
  return earlier.outcome === 'ok' && earlier.completedAt < later.invokedAt
}

/** Whether `order` respects real time and the model, and contains every operation that returned. */
export function isLinearization<State>(
  model: Model<State>,
  history: readonly Operation[],
  order: readonly Operation[],
): boolean {
  let state = model.init()
  for (const [place, operation] of order.entries()) {
    const { legal, state: next } = model.step(state, operation)
    if (!legal || order.slice(place + 1).some((later) => precedes(later, operation))) return false
    state = next
  }
  const values = new Set(order)
  return history.every((operation) => operation.outcome !== 'ok' || values.has(operation))
}
