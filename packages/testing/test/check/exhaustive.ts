import type { Model, Operation } from '../../src/check/index.ts'

/**
 * The definition of linearizability, word by word: some order of some of the operations (all that returned, any of the unknown ones) that respects
 * real time and that the model allows. Exponential, and written without a thought for anything but being obviously right.
 */
export function isLinearizable<State>(model: Model<State>, history: readonly Operation[]): boolean {
  return hasOrder(model, history, precedes)
}

/** The definition of sequential consistency: as above, but what matters is the order of each process. */
export function isSequential<State>(model: Model<State>, history: readonly Operation[]): boolean {
  const place = new Map(
    history.toSorted((left, right) => left.invokedAt - right.invokedAt).map((each, at) => [each, at]),
  )
  return hasOrder(
    model,
    history,
    (earlier, later) =>
      earlier.outcome === 'ok' &&
      earlier.process === later.process &&
      place.get(earlier)! < place.get(later)!,
  )
}

function hasOrder<State>(
  model: Model<State>,
  history: readonly Operation[],
  comesFirst: (earlier: Operation, later: Operation) => boolean,
): boolean {
  const operations = history.filter((operation) => operation.outcome !== 'fail')
  const extend = (state: State, left: readonly Operation[]): boolean => {
    if (left.every((operation) => operation.outcome === 'unknown')) return true
    return left.some((operation) => {
      const others = left.filter((other) => other !== operation)
      if (others.some((other) => comesFirst(other, operation))) return false
      const { legal, state: next } = model.step(state, operation)
      return legal && extend(next, others)
    })
  }
  return extend(model.init(), operations)
}

/** Some order in which the operations can have taken effect; `undefined` when there is none. */
export function someLinearization<State>(
  model: Model<State>,
  history: readonly Operation[],
): readonly Operation[] | undefined {
  const extend = (state: State, left: readonly Operation[]): readonly Operation[] | undefined => {
    if (left.every((operation) => operation.outcome === 'unknown')) return []
    for (const operation of left) {
      const others = left.filter((other) => other !== operation)
      if (others.some((other) => precedes(other, operation))) continue
      const { legal, state: next } = model.step(state, operation)
      const rest = legal ? extend(next, others) : undefined
      if (rest !== undefined) return [operation, ...rest]
    }
    return undefined
  }
  return extend(
    model.init(),
    history.filter((operation) => operation.outcome !== 'fail'),
  )
}

/**
 * What a proposed order has to be: all that returned is in it, each operation once, and between them there is some place for every free operation (those need not be in it) so
 * that all together is an order that respects real time and that the model allows.
 */
export function explains<State>(
  model: Model<State>,
  history: readonly Operation[],
  proposed: readonly Operation[],
  isFree: (operation: Operation) => boolean,
): boolean {
  const order = proposed.filter((each) => each.outcome !== 'fail' && !isFree(each))
  const free = history.filter((each) => each.outcome === 'ok' && isFree(each))
  const known = history.filter((each) => each.outcome === 'ok' && !isFree(each))
  if (new Set(order).size < order.length || !known.every((each) => order.includes(each))) return false
  const extend = (state: State, placed: number, waiting: readonly Operation[]): boolean => {
    const next = order[placed]
    const left = [...order.slice(placed), ...waiting]
    if (left.length === 0) return true
    return left.some((operation) => {
      if (operation !== next && !waiting.includes(operation)) return false
      if (left.some((other) => precedes(other, operation))) return false
      const { legal, state: after } = model.step(state, operation)
      if (!legal) return false
      const others = waiting.filter((other) => other !== operation)
      return extend(after, operation === next ? placed + 1 : placed, others)
    })
  }
  return extend(model.init(), 0, free)
}

function precedes(earlier: Operation, later: Operation): boolean {
  return earlier.outcome === 'ok' && earlier.completedAt < later.invokedAt
}

/**
 * The definition of the four session guarantees for one register: there is one order of all versions, the initial one first, in which no process goes back. What was
 * read must have been written; writes of unknown outcome count as far as they were seen.
 */
export function keepsSessions(initial: unknown, history: readonly Operation[]): boolean {
  const operations = history
    .filter(({ outcome }) => outcome !== 'fail')
    .toSorted((left, right) => left.invokedAt - right.invokedAt)
  const known = operations.filter(({ outcome }) => outcome === 'ok')
  const versions = [...new Set(operations.flatMap(writtenBy))]
  const seen = new Set(known.flatMap(readBy))
  for (let size = -1; size < seen.size;) {
    size = seen.size
    for (const each of operations)
      if (writtenBy(each).some((value) => seen.has(value))) readBy(each).forEach((value) => seen.add(value))
  }
  const happened = operations.filter(
    (each) => each.outcome === 'ok' || writtenBy(each).some((value) => seen.has(value)),
  )
  if (happened.flatMap(readBy).some((value) => value !== initial && !versions.includes(value))) return false
  return permutations(versions).some((rest) => {
    const order = [initial, ...rest]
    return happened.every((later, place) => {
      const before = happened
        .slice(0, place)
        .filter(({ process, outcome }) => process === later.process && outcome === 'ok')
      const met = before.flatMap((each) => [...readBy(each), ...writtenBy(each)])
      const age = (value: unknown): number => order.indexOf(value)
      return (
        readBy(later).every((value) => met.every((old) => age(old) <= age(value))) &&
        writtenBy(later).every((value) => [...met, ...readBy(later)].every((old) => age(old) < age(value)))
      )
    })
  })
}

function readBy({ f, value, result, outcome }: Operation): unknown[] {
  if (f === 'read') return outcome === 'ok' ? [result ?? null] : []
  return f === 'cas' && result !== false ? [(value as unknown[])[0]] : []
}

function writtenBy({ f, value, result }: Operation): unknown[] {
  if (f === 'write') return [value]
  const [old, next] = f === 'cas' && result !== false ? (value as unknown[]) : [0, 0]
  return old === next ? [] : [next]
}

function permutations(values: readonly unknown[]): unknown[][] {
  if (values.length === 0) return [[]]
  return values.flatMap((first) =>
    permutations(values.filter((value) => value !== first)).map((rest) => [first, ...rest]),
  )
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
