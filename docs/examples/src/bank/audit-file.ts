import { open, readFile } from 'node:fs/promises'
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

/** What a bank holds at one moment: taken in no time, however long the ledger, so that it may be done inside a read. */
export type Holdings = Pick<NodeAudit, 'balances' | 'ledger'>

/** Takes the holdings of a bank that goes on. */
export function holdingsOf(bank: Bank): Holdings {
  return { balances: bank.balances(), ledger: bank.ledger().slice() }
}

const LINES_AT_ONCE = 1_000

/**
 * Writes down what a node holds: a line of its index, a line of balances, a line for every transfer. A piece at a time: a leader that did
 * nothing else for as long as all of it takes would be voted out.
 */
export async function writeAudit(
  file: string,
  appliedIndex: LogIndex,
  { balances, ledger }: Holdings,
): Promise<void> {
  const output = await open(file, 'w')
  try {
    await output.write(`${JSON.stringify({ appliedIndex })}\n${JSON.stringify(balances)}`)
    for (let from = 0; from < ledger.length; from += LINES_AT_ONCE) {
      await output.write(
        ledger
          .slice(from, from + LINES_AT_ONCE)
          .map(lineOf)
          .join(''),
      )
    }
  } finally {
    await output.close()
  }
}

function lineOf({ at, id, from, to, amount, ok }: LedgerEntry): string {
  return `\n${JSON.stringify([at, id, from, to, amount, ok ? 1 : 0] satisfies LedgerLine)}`
}

/** Reads what {@link writeAudit} wrote. */
export async function readAudit(node: string, file: string): Promise<NodeAudit> {
  const [head = '', balances = '', ...entries] = (await readFile(file, 'utf8')).split('\n')
  const { appliedIndex } = JSON.parse(head) as { appliedIndex: LogIndex }
  const ledger = entries.map((line): LedgerEntry => {
    const [at, id, from, to, amount, ok] = JSON.parse(line) as LedgerLine
    return { at, id, from, to, amount, ok: ok === 1 }
  })
  return { node, appliedIndex, balances: JSON.parse(balances) as Record<string, number>, ledger }
}
