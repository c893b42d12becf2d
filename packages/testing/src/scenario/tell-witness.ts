import type { Witness } from '../check/witness.ts'
import type { Operation } from '../history/operation.ts'

/** How many operations before the impossible one are worth a line. */
const LAST_LEGAL = 3

/** Why a history is impossible, in a few lines. */
export function tellWitness({ key, operation, lastLegal }: Witness): string {
  const object = key === '' ? '' : ` of '${key}'`
  const before = lastLegal.slice(-LAST_LEGAL).map((each) => `  ${tellOperation(each)}`)
  const order = before.length === 0 ? '' : `; until then it may have been, at last,\n${before.join('\n')}`
  return `no order of the operations${object} explains ${tellOperation(operation)}${order}`
}

function tellOperation({ process, f, key, value, result, outcome, ...times }: Operation): string {
  const asked = [key, value].filter((each) => each !== undefined).map((each) => JSON.stringify(each))
  const got = outcome === 'ok' ? JSON.stringify(result ?? null) : '?'
  const end = Number.isFinite(times.completedAt) ? `${times.completedAt}` : '…'
  return `${f}(${asked.join(', ')}) → ${got} by ${process}, ${times.invokedAt} to ${end} ms`
}
