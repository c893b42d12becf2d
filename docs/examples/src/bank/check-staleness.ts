import type { LogIndex } from '@colony/raft'
import type { Case } from './evidence.ts'
import type { Findings } from './findings.ts'
import type { HistoryRecord } from './operation-record.ts'

/**
 * Local reads may be old, but not older than they say, and never wrong: whatever was acknowledged more than `staleMs` before the read
 * began is in it, and what it shows is the account as it once was.
 */
export function checkStaleness(evidence: Case, findings: Findings): void {
  checkAge(evidence, findings)
  checkContent(evidence, findings)
}

function checkAge({ transfers, histories, indexOf }: Case, findings: Findings): void {
  const acknowledged = transfers
    .filter(({ result }) => result !== undefined)
    .toSorted((one, other) => one.completedAt - other.completedAt)
  // The node answered at some time after `invokedAt`, so what had to be seen then had to be seen all the more when it answered.
  const promised = histories
    .flatMap((read) => (read.staleMs === null ? [] : [{ read, horizon: read.invokedAt - read.staleMs }]))
    .toSorted((one, other) => one.horizon - other.horizon)
  let completed = 0
  let newest = { id: '', index: 0 }
  for (const { read, horizon } of promised) {
    for (; ; completed++) {
      const next = acknowledged[completed]
      if (next === undefined || next.completedAt >= horizon) break
      const index = indexOf.get(next.id) ?? 0
      if (index > newest.index) newest = { id: next.id, index }
    }
    if (read.index >= newest.index) continue
    const unseen = `had not seen ${newest.id} (index ${newest.index}), which is older than the ${read.staleMs} ms it gave`
    findings.add('staler than promised', title(read), unseen)
  }
}

function checkContent({ ledger, histories }: Case, findings: Findings): void {
  const newest = new Map<string, LogIndex>()
  const reads = histories.toSorted((one, other) => one.index - other.index)
  let applied = 0
  for (const read of reads) {
    for (; ; applied++) {
      const entry = ledger[applied]
      if (entry === undefined || entry.at > read.index) break
      if (!entry.ok) continue
      newest.set(entry.from, entry.at)
      newest.set(entry.to, entry.at)
    }
    const expected = newest.get(read.account) ?? 0
    if (read.newest === expected) continue
    const shown = `showed ${read.newest} as its newest movement, at that index it was ${expected}`
    findings.add('staler than promised', title(read), shown)
  }
}

function title({ account, index, invokedAt }: HistoryRecord): string {
  return `local read of ${account} (index ${index}, called at ${invokedAt.toFixed(3)})`
}
