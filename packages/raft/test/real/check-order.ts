import type { LogIndex } from '../../src/index.ts'
import type { Evidence, Problems } from './evidence.ts'
import { isLinearizable, type Recorded } from './record.ts'

/** An operation at its place in the order of the log: at `2 * index` for a write, right behind it for a read that saw it. */
interface Placed {
  readonly place: number
  readonly record: Recorded
}

/**
 * The order of the log explains everything: it respects real time (what was over before another operation began stands before it), replaying it gives every
 * result that was told, and no read was older than it said.
 */
export function checkOrder(evidence: Evidence, problems: Problems): void {
  const { records } = evidence
  const answered = records.filter(({ outcome, index }) => outcome === 'ok' && index !== undefined)
  checkTime(answered.filter(isLinearizable).map(placed), problems)
  checkResults(evidence, answered, problems)
  checkAges(answered, problems)
}

function placed(record: Recorded): Placed {
  const { id, index = 0 } = record
  return { place: id === undefined ? 2 * index + 1 : 2 * index, record }
}

function checkTime(operations: readonly Placed[], problems: Problems): void {
  const byCall = operations.toSorted((a, b) => a.record.invokedAt - b.record.invokedAt)
  const byReturn = operations.toSorted((a, b) => a.record.completedAt - b.record.completedAt)
  let returned = 0
  let last: Placed | undefined
  for (const operation of byCall) {
    for (; ; returned++) {
      const next = byReturn[returned]
      // Equal times are concurrent.
      if (next === undefined || next.record.completedAt >= operation.record.invokedAt) break
      if (last === undefined || next.place > last.place) last = next
    }
    if (last === undefined || operation.place > last.place) continue
    // Two reads may see the same state; two writes cannot share an index.
    if (operation.place === last.place && operation.place % 2 === 1) continue
    problems.add('time', `${tell(operation.record)} began after ${tell(last.record)} was over`)
  }
}

function checkResults({ records, dumps }: Evidence, answered: readonly Recorded[], problems: Problems): void {
  const writes = new Map(records.map((record) => [record.id, record]))
  const reads = answered
    .filter(({ id }) => id === undefined)
    .toSorted((a, b) => (a.index ?? 0) - (b.index ?? 0))
  const values = new Map<string, string>()
  let read = 0
  const answerReadsBefore = (index: LogIndex): void => {
    for (; (reads[read]?.index ?? Number.POSITIVE_INFINITY) < index; read++) {
      const record = reads[read] as Recorded
      const expected = values.get(record.key) ?? null
      if (record.result !== expected) problems.add('result', `${tell(record)} instead of ${expected}`)
    }
  }
  for (const [index, id] of dumps[0]?.journal ?? []) {
    answerReadsBefore(index)
    const write = writes.get(id)
    if (write !== undefined) replay(values, write, problems)
  }
  answerReadsBefore(Number.POSITIVE_INFINITY)
  for (const [key, value] of dumps[0]?.values ?? []) {
    if (values.get(key) !== value) problems.add('result', `${key} holds ${value}, not ${values.get(key)}`)
  }
}

function replay(values: Map<string, string>, write: Recorded, problems: Problems): void {
  const { f, key, value, outcome, result } = write
  let expected = true
  if (f === 'put') values.set(key, String(value))
  else if (f === 'append') values.set(key, `${values.get(key) ?? ''}${String(value)}`)
  else expected = values.delete(key)
  if (outcome === 'ok' && result !== expected) problems.add('result', `${tell(write)} instead of ${expected}`)
}

/** Whatever was acknowledged more than `staleMs` before a read began is in it, and it held to what was asked of it. */
function checkAges(answered: readonly Recorded[], problems: Problems): void {
  const byReturn = answered
    .filter(({ id }) => id !== undefined)
    .toSorted((a, b) => a.completedAt - b.completedAt)
  // The node answered after `invokedAt`, so what had to be seen then had to be seen all the more when it answered.
  const promised = answered
    .flatMap((read) => {
      const { id, staleMs, invokedAt } = read
      return id !== undefined || typeof staleMs !== 'number' ? [] : [{ read, horizon: invokedAt - staleMs }]
    })
    .toSorted((a, b) => a.horizon - b.horizon)
  let completed = 0
  let newest = 0
  for (const { read, horizon } of promised) {
    for (; (byReturn[completed]?.completedAt ?? Number.POSITIVE_INFINITY) < horizon; completed++)
      newest = Math.max(newest, byReturn[completed]?.index ?? 0)
    if ((read.index ?? 0) < newest)
      problems.add('age', `${tell(read)}, at most ${read.staleMs} ms old, misses ${newest}`)
  }
  for (const read of answered) checkDemand(read, problems)
}

function checkDemand(read: Recorded, problems: Problems): void {
  const { demand, staleMs, index = 0 } = read
  if (
    demand?.maxStalenessMs !== undefined &&
    !(typeof staleMs === 'number' && staleMs <= demand.maxStalenessMs)
  )
    problems.add('age', `${tell(read)} may be ${staleMs} ms old, ${demand.maxStalenessMs} were allowed`)
  if (index < (demand?.after ?? 0)) problems.add('age', `${tell(read)} was to be after ${demand?.after}`)
}

function tell({ process, f, key, result, index, node, id }: Recorded): string {
  return `${f} ${id ?? ''} of ${key} by ${process} at ${node}, index ${index}, gave ${JSON.stringify(result)}`
}
