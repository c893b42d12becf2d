import { checkLinearizable, mapModel, type Operation } from '@colony/testing'
import type { Problems } from './evidence.ts'
import type { JournalLine } from './journal-machine.ts'
import { isLinearizable, type Recorded } from './record.ts'

/** Only what the order of the journal does not explain is searched, and that is wrong, or will soon be found. */
const BUDGET = 10_000_000

/**
 * Whether there is an order that explains what clients were told. That of the journal is proposed, and believed nothing: if the nodes agreed on nonsense, this
 * would notice.
 */
export function checkHistory(
  records: readonly Recorded[],
  journal: readonly JournalLine[],
  problems: Problems,
): void {
  const linearizable = records.filter(isLinearizable)
  const places = new Map(linearizable.map(({ id }, place) => [id, place]))
  const order = journal.flatMap(([, id]) => places.get(id) ?? [])
  const operations = linearizable.map(plain)
  const { verdict, witness, steps } = checkLinearizable(mapModel(), operations, { budget: BUDGET, order })
  if (verdict === 'unknown') problems.add('history', `not decided after ${steps} steps`)
  if (verdict === 'illegal') {
    const { process, f, key, result } = witness?.operation ?? {}
    problems.add('history', `nothing explains ${f} of ${key} by ${process} with ${JSON.stringify(result)}`)
  }
}

/** As the model names it, without what the nodes said of it. */
function plain({ process, f, key, value, result, outcome, invokedAt, completedAt }: Recorded): Operation {
  return {
    ...{ process, f: f === 'lease' ? 'get' : f, key, outcome, invokedAt, completedAt },
    ...(value !== undefined && { value }),
    ...(outcome === 'ok' && { result }),
  }
}
