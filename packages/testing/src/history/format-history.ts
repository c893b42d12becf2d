import { TestingError } from '../errors.ts'
import type { Operation } from './operation.ts'

interface Moment {
  readonly time: number
  readonly line: Readonly<Record<string, unknown>>
}

/**
 * Writes a history in the form that {@link parseHistory} reads, every line with its time and its key, if it has one.
 * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` for what the form cannot hold: two operations of one process that overlap, a time that
 * is not finite, a value that is not plain data.
 * @category Histories
 */
export function formatHistory(operations: readonly Operation[]): string {
  const moments = Array.from(programs(operations).values(), momentsOf).flat()
  // Stable: what one process does at one time stays in its order.
  moments.sort((left, right) => left.time - right.time)
  return moments.map(({ line }) => `${encode(line)}\n`).join('')
}

function programs(operations: readonly Operation[]): Map<number | string, Operation[]> {
  const byProcess = new Map<number | string, Operation[]>()
  for (const operation of operations) {
    const program = byProcess.get(operation.process)
    if (program === undefined) byProcess.set(operation.process, [operation])
    else program.push(operation)
  }
  for (const program of byProcess.values()) {
    program.sort((left, right) => left.invokedAt - right.invokedAt || endOf(left) - endOf(right))
  }
  return byProcess
}

/** Of an unknown outcome only the beginning is known. */
function endOf({ outcome, invokedAt, completedAt }: Operation): number {
  return outcome === 'unknown' ? invokedAt : completedAt
}

function momentsOf(program: readonly Operation[]): Moment[] {
  return program.flatMap((operation, place) => {
    const { process, f, key, value, outcome, result, invokedAt } = operation
    const about = { f, ...(key !== undefined && { key }) }
    const next = program[place + 1]?.invokedAt ?? Number.POSITIVE_INFINITY
    const end = outcome === 'unknown' ? next : operation.completedAt
    requireWritable(operation, Number.isFinite(invokedAt) && end >= invokedAt && end <= next, outcome)
    const given = value === undefined ? {} : { value }
    const invoke = { time: invokedAt, line: { process, type: 'invoke', ...about, ...given, time: invokedAt } }
    // A process that goes on after an unknown outcome must have given up before.
    if (end === Number.POSITIVE_INFINITY) return [invoke]
    const type = outcome === 'unknown' ? 'info' : outcome
    const came = outcome === 'ok' && result !== undefined ? { result } : {}
    return [invoke, { time: end, line: { process, type, ...about, ...came, time: end } }]
  })
}

function requireWritable(operation: Operation, holds: boolean, outcome: string): void {
  if (holds && (outcome === 'unknown' || Number.isFinite(operation.completedAt))) return
  const { process, f, invokedAt, completedAt } = operation
  throw new TestingError(
    'TESTING_INVALID_OPTION',
    `'${f}' of process ${process} from ${invokedAt} to ${completedAt} cannot be written: times must be finite, and one process does one thing after the other`,
  )
}

function encode(line: Moment['line']): string {
  try {
    return JSON.stringify(line)
  } catch (error) {
    throw new TestingError('TESTING_INVALID_OPTION', `an operation is not plain data: ${String(error)}`, {
      cause: error,
    })
  }
}
