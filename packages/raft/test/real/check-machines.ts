import type { Evidence, NodeDump, Problems } from './evidence.ts'
import type { Recorded } from './record.ts'

/** Connections to four others in both directions, some of them just given up, timers, a port and the parent. */
const MOST_HANDLES = 60

/** All machines hold the same, and in their journal stands every write that was acknowledged, where its client was told, and nothing twice. */
export function checkMachines({ records, dumps }: Evidence, problems: Problems): void {
  const [first] = dumps
  if (first === undefined) {
    problems.add('machines', 'no node was heard')
    return
  }
  for (const dump of dumps.slice(1)) checkSame(first, dump, problems)
  for (const { node, handles } of dumps) {
    if (handles > MOST_HANDLES) problems.add('handles', `${node} holds ${handles}`)
  }
  const writes = new Map(records.flatMap((record) => (record.id === undefined ? [] : [[record.id, record]])))
  const applied = checkJournal(first, writes, problems)
  for (const { id, outcome, index } of writes.values()) {
    const at = applied.get(id ?? '')
    if (outcome === 'ok' && at === undefined) problems.add('lost', `${id}, acknowledged at ${index}`)
    else if (outcome === 'ok' && at !== index) problems.add('moved', `${id}: told ${index}, stands at ${at}`)
    else if (outcome === 'fail' && at !== undefined)
      problems.add('rejected', `${id} was refused, and stands at ${at}`)
  }
}

function checkJournal(
  { journal }: NodeDump,
  writes: ReadonlyMap<string | undefined, Recorded>,
  problems: Problems,
): ReadonlyMap<string, number> {
  const applied = new Map<string, number>()
  let last = 0
  for (const [index, id] of journal) {
    if (index <= last) problems.add('order', `index ${index} comes after ${last}`)
    last = index
    if (applied.has(id)) problems.add('twice', `${id} at ${applied.get(id)} and at ${index}`)
    if (!writes.has(id)) problems.add('invented', `${id} at ${index}, which nobody wrote`)
    applied.set(id, index)
  }
  return applied
}

function checkSame(one: NodeDump, other: NodeDump, problems: Problems): void {
  const pair = `${one.node} and ${other.node}`
  if (one.index !== other.index)
    problems.add('machines', `${pair} have applied ${one.index} and ${other.index}`)
  const different = one.journal.findIndex(([index, id], at) => {
    const [otherIndex, otherId] = other.journal[at] ?? []
    return index !== otherIndex || id !== otherId
  })
  if (different >= 0 || one.journal.length !== other.journal.length)
    problems.add('machines', `the journals of ${pair} differ from line ${different} on`)
  if (JSON.stringify(one.values) !== JSON.stringify(other.values))
    problems.add('machines', `the maps of ${pair} differ`)
}
