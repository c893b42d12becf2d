import type { Case } from './evidence.ts'
import type { Findings } from './findings.ts'

/** On every node the sum is what the bank opened with, and no account is below zero. */
export function checkMoney({ audits, bank }: Case, findings: Findings): void {
  const expected = bank.accounts.length * bank.openingBalance
  for (const { node, balances } of audits) {
    const held = bank.accounts.map((account) => balances[account] ?? 0)
    const sum = held.reduce((total, balance) => total + balance, 0)
    if (sum !== expected)
      findings.add('not conserved', node, `holds ${sum}, the bank opened with ${expected}`)
    const lowest = Math.min(...held)
    if (lowest < 0) findings.add('not conserved', `${node} below zero`, `an account holds ${lowest}`)
  }
}
