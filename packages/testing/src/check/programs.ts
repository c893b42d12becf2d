import type { Operation } from '../history/operation.ts'

/** What one process did, one thing after the other; the numbers are places in the history. */
export interface Program {
  /** What is known to have happened, in the order in which it was invoked. */
  readonly known: readonly number[]
  /** What may have happened, each with the number of `known` ones before it. It comes after those, if at all, and before nothing. */
  readonly unknown: readonly { readonly operation: number; readonly after: number }[]
}

/** Splits a history by process. Operations that began at one time keep the order of the history. */
export function splitPrograms(operations: readonly Operation[]): Program[] {
  const byProcess = new Map<
    number | string,
    { known: number[]; unknown: { operation: number; after: number }[] }
  >()
  const order = operations.map((_, index) => index)
  order.sort((left, right) => startOf(operations, left) - startOf(operations, right))
  for (const operation of order) {
    const { process, outcome } = operations[operation] as Operation
    let program = byProcess.get(process)
    if (program === undefined) byProcess.set(process, (program = { known: [], unknown: [] }))
    if (outcome === 'ok') program.known.push(operation)
    else program.unknown.push({ operation, after: program.known.length })
  }
  return [...byProcess.values()]
}

function startOf(operations: readonly Operation[], index: number): number {
  return operations[index]?.invokedAt ?? 0
}

/** Whether every process ended one thing before it began the next, so that the order of real time holds that of the programs. */
export function areSequential(operations: readonly Operation[], programs: readonly Program[]): boolean {
  return programs.every(({ known, unknown }) => {
    const ends = known.map((operation) => operations[operation]?.completedAt ?? 0)
    const inOrder = known.every(
      (operation, place) => place === 0 || (ends[place - 1] as number) < startOf(operations, operation),
    )
    return (
      inOrder &&
      unknown.every(
        ({ operation, after }) => after === 0 || (ends[after - 1] as number) < startOf(operations, operation),
      )
    )
  })
}
