import type { Operation } from '../../src/check/index.ts'

/** `[process, verb, from, to, value, result]`; `to` of `Infinity`: unknown outcome. */
export type Row = readonly [
  process: number | string,
  f: string,
  from: number,
  to: number,
  value?: unknown,
  result?: unknown,
]

/** A history written as a table. */
export function historyOf(...rows: readonly Row[]): Operation[] {
  return rows.map(([process, f, invokedAt, completedAt, value, result]) => ({
    process,
    f,
    ...(value !== undefined && { value }),
    ...(result !== undefined && { result }),
    invokedAt,
    completedAt,
    outcome: completedAt === Number.POSITIVE_INFINITY ? 'unknown' : 'ok',
  }))
}

/** One thing after the other. */
export function inTurn(
  ...rows: readonly (readonly [process: number | string, f: string, value?: unknown, result?: unknown])[]
): Operation[] {
  return historyOf(
    ...rows.map(([process, f, value, result], place): Row => [
      process,
      f,
      2 * place,
      2 * place + 1,
      value,
      result,
    ]),
  )
}
