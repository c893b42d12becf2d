import type { LogIndex } from '@colony/raft'
import type { NodeAudit } from './audit-file.ts'
import type { BankOptions, LedgerEntry } from './bank-machine.ts'
import type { BalanceRecord, HistoryRecord, OperationRecord, TransferRecord } from './operation-record.ts'

/** What a run leaves behind, and all that the verification looks at. */
export interface Evidence {
  readonly bank: BankOptions
  /** What the clients recorded, in any order. */
  readonly records: readonly OperationRecord[]
  /** What the nodes hold, one for each node. */
  readonly audits: readonly NodeAudit[]
  /** How many nodes there are to hear. */
  readonly nodes: number
  /** What did not go as it must while it ran: a node that never caught up, for instance. */
  readonly failures: readonly string[]
}

/** The evidence, sorted by what the checks ask for. */
export interface Case {
  readonly bank: BankOptions
  readonly audits: readonly NodeAudit[]
  readonly transfers: readonly TransferRecord[]
  readonly balances: readonly BalanceRecord[]
  readonly histories: readonly HistoryRecord[]
  /** The ledger that the history is measured against: the first node's. That the others have the same one is a check of its own. */
  readonly ledger: readonly LedgerEntry[]
  /** Where each transfer stands in that ledger, by its id. */
  readonly indexOf: ReadonlyMap<string, LogIndex>
}

/** Sorts the evidence. */
export function openCase({ bank, records, audits }: Evidence): Case {
  const transfers: TransferRecord[] = []
  const balances: BalanceRecord[] = []
  const histories: HistoryRecord[] = []
  for (const record of records) {
    if (record.kind === 'transfer') transfers.push(record)
    else if (record.kind === 'balance') balances.push(record)
    else histories.push(record)
  }
  const ledger = audits[0]?.ledger ?? []
  const indexOf = new Map(ledger.map(({ id, at }) => [id, at]))
  return { bank, audits, transfers, balances, histories, ledger, indexOf }
}
