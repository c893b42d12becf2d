import type { NodeAudit } from './audit-file.ts'
import type { LedgerEntry, Transfer } from './bank-machine.ts'
import type { Case } from './evidence.ts'
import type { Findings } from './findings.ts'

/** Every acknowledged transfer is on every node, exactly once; nothing is there that nobody asked for; all nodes agree. */
export function checkLedgers(evidence: Case, findings: Findings): void {
  const asked = new Map(evidence.transfers.map((transfer) => [transfer.id, transfer]))
  for (const audit of evidence.audits) {
    const present = checkEntries(audit, asked, findings)
    for (const { id, result } of evidence.transfers) {
      if (result !== undefined && !present.has(id))
        findings.add('lost', id, `acknowledged, but not on ${audit.node}`)
    }
    checkSame(evidence, audit, findings)
  }
}

function checkEntries(
  { node, ledger }: NodeAudit,
  asked: ReadonlyMap<string, Transfer>,
  findings: Findings,
): ReadonlySet<string> {
  const present = new Set<string>()
  for (const entry of ledger) {
    const { id, at } = entry
    if (present.has(id)) findings.add('duplicated', id, `applied again at index ${at} on ${node}`)
    present.add(id)
    const transfer = asked.get(id)
    if (transfer === undefined || !sameTransfer(transfer, entry)) {
      findings.add('invented', id, `at index ${at} on ${node} stands what nobody asked for`)
    }
  }
  return present
}

function checkSame({ audits, ledger }: Case, audit: NodeAudit, findings: Findings): void {
  const [first] = audits
  if (first === undefined || first === audit) return
  const { node, appliedIndex } = audit
  if (appliedIndex !== first.appliedIndex) {
    findings.add('diverged', node, `applied up to ${appliedIndex}, ${first.node} up to ${first.appliedIndex}`)
  }
  const length = Math.max(ledger.length, audit.ledger.length)
  for (let position = 0; position < length; position++) {
    const one = ledger[position]
    const other = audit.ledger[position]
    if (one !== undefined && other !== undefined && sameEntry(one, other)) continue
    const difference = `has ${show(other)} where ${first.node} has ${show(one)}`
    findings.add('diverged', node, `entry ${position + 1} of the ledger: ${difference}`)
    return
  }
}

function sameTransfer(one: Transfer, other: Transfer): boolean {
  return one.from === other.from && one.to === other.to && one.amount === other.amount
}

function sameEntry(one: LedgerEntry, other: LedgerEntry): boolean {
  return one.id === other.id && one.at === other.at && one.ok === other.ok && sameTransfer(one, other)
}

function show(entry: LedgerEntry | undefined): string {
  return entry === undefined ? 'nothing' : `${entry.id} at index ${entry.at}`
}
