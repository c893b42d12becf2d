import type { Case } from './evidence.ts'
import type { Findings } from './findings.ts'
import type { Interval } from './operation-record.ts'

/** An operation at its place in the order of the log: at `2 * index` for a write, right behind it for a read that saw it. */
interface Placed extends Interval {
  readonly place: number
  readonly title: string
}

/**
 * The order of the log is an order in which all operations can have taken effect, as far as time goes: what had completed before
 * another one began stands before it. (Whether it also explains all results is {@link checkResults}.) This is the whole history of all
 * accounts together; the price is that it trusts the indexes, which `check-accounts.ts` does not.
 */
export function checkOrder(evidence: Case, findings: Findings): void {
  const placed = placeAll(evidence)
  const byCall = placed.toSorted((one, other) => one.invokedAt - other.invokedAt)
  const byReturn = placed.toSorted((one, other) => one.completedAt - other.completedAt)
  let returned = 0
  let last: Placed | undefined
  for (const operation of byCall) {
    for (; ; returned++) {
      const next = byReturn[returned]
      // Equal times are concurrent.
      if (next === undefined || next.completedAt >= operation.invokedAt) break
      if (last === undefined || next.place > last.place) last = next
    }
    if (last === undefined || isBehind(operation, last)) continue
    const lateBy = (operation.invokedAt - last.completedAt).toFixed(3)
    findings.add(
      'out of order',
      operation.title,
      `began ${lateBy} ms after ${last.title} had completed, but does not follow it`,
    )
  }
}

function isBehind(later: Placed, earlier: Placed): boolean {
  if (later.place > earlier.place) return true
  // Two reads may see the same state; two writes cannot share an index.
  return later.place === earlier.place && later.place % 2 === 1
}

function placeAll({ transfers, balances, indexOf }: Case): Placed[] {
  const placed: Placed[] = []
  for (const { id, invokedAt, completedAt } of transfers) {
    const index = indexOf.get(id)
    // Of an unknown outcome and not in the ledger: it never happened. Acknowledged and not there: that is `lost`.
    if (index === undefined) continue
    placed.push({ place: 2 * index, title: `transfer ${id} (index ${index})`, invokedAt, completedAt })
  }
  for (const { account, index, invokedAt, completedAt } of balances) {
    const title = `read of ${account} (index ${index}, called at ${invokedAt.toFixed(3)})`
    placed.push({ place: 2 * index + 1, title, invokedAt, completedAt })
  }
  return placed
}
