import { readFile } from 'node:fs/promises'
import type { LogIndex } from '@colony/raft'
import type { Bank, LedgerEntry } from './bank-machine.ts'

/** What one node's state machine holds at the end. */
export interface NodeAudit {
  readonly node: string
  readonly appliedIndex: LogIndex
  readonly balances: Readonly<Record<string, number>>
  readonly ledger: readonly LedgerEntry[]
}

type LedgerLine = readonly [at: LogIndex, id: string, from: string, to: string, amount: number, ok: 0 | 1]

/** A bank as text: a line of balances, then a line for every transfer. */
export function encodeAudit(bank: Bank): string {
  const lines = [JSON.stringify(bank.balances())]
  for (const { at, id, from, to, amount, ok } of bank.ledger()) {
    lines.push(JSON.stringify([at, id, from, to, amount, ok ? 1 : 0] satisfies LedgerLine))
  }
  return lines.join('\n')
}

/** Reads what a node wrote: its applied index, and then {@link encodeAudit}. */
export async function readAudit(node: string, file: string): Promise<NodeAudit> {
  const [head = '', balances = '', ...entries] = (await readFile(file, 'utf8')).split('\n')
  const { appliedIndex } = JSON.parse(head) as { appliedIndex: LogIndex }
  const ledger = entries.map((line): LedgerEntry => {
    const [at, id, from, to, amount, ok] = JSON.parse(line) as LedgerLine
    return { at, id, from, to, amount, ok: ok === 1 }
  })
  return { node, appliedIndex, balances: JSON.parse(balances) as Record<string, number>, ledger }
}
