import type { LedgerEntry, TransferResult } from './bank-machine.ts'
import type { Case } from './evidence.ts'
import type { Findings } from './findings.ts'

/**
 * Replays the ledger with a bank of its own, and compares every result that a client got, and the state that every node ended in,
 * with what had to come out.
 */
export function checkResults(evidence: Case, findings: Findings): void {
  const { bank, ledger, audits } = evidence
  const acknowledged = new Map(evidence.transfers.map(({ id, result }) => [id, result]))
  const reads = evidence.balances.toSorted((one, other) => one.index - other.index)
  const balances = new Map(bank.accounts.map((account) => [account, bank.openingBalance]))
  let read = 0
  const answerReadsBelow = (index: number): void => {
    for (; ; read++) {
      const next = reads[read]
      if (next === undefined || next.index >= index) return
      const expected = balances.get(next.account) ?? 0
      if (next.balance === expected) continue
      const what = `read of ${next.account} (index ${next.index})`
      findings.add('wrong result', what, `gave ${next.balance}, the account held ${expected}`)
    }
  }
  let lastIndex = 0
  for (const entry of ledger) {
    if (entry.at <= lastIndex)
      findings.add('wrong result', entry.id, `index ${entry.at} comes after ${lastIndex}`)
    lastIndex = entry.at
    answerReadsBelow(entry.at)
    const expected = replay(balances, entry)
    checkResult(entry, expected, acknowledged.get(entry.id), findings)
  }
  answerReadsBelow(Number.POSITIVE_INFINITY)
  for (const { node, balances: held } of audits) {
    const wrong = bank.accounts.find((account) => held[account] !== balances.get(account))
    if (wrong === undefined) continue
    const expected = balances.get(wrong)
    findings.add('wrong result', node, `holds ${held[wrong]} on ${wrong}, its ledger makes that ${expected}`)
  }
}

function replay(balances: Map<string, number>, { from, to, amount, at }: LedgerEntry): TransferResult {
  const fromBalance = balances.get(from) ?? 0
  const toBalance = balances.get(to) ?? 0
  if (fromBalance < amount) return { ok: false, at, fromBalance, toBalance }
  balances.set(from, fromBalance - amount)
  balances.set(to, toBalance + amount)
  return { ok: true, at, fromBalance: fromBalance - amount, toBalance: toBalance + amount }
}

function checkResult(
  { id, ok }: LedgerEntry,
  expected: TransferResult,
  told: TransferResult | undefined,
  findings: Findings,
): void {
  if (ok !== expected.ok)
    findings.add('wrong result', id, `was ${ok ? 'made' : 'refused'} against the balance`)
  if (told === undefined) return
  const same =
    told.ok === expected.ok &&
    told.at === expected.at &&
    told.fromBalance === expected.fromBalance &&
    told.toBalance === expected.toBalance
  if (!same) findings.add('wrong result', id, `told ${show(told)}, it was ${show(expected)}`)
}

function show({ ok, at, fromBalance, toBalance }: TransferResult): string {
  return `${ok ? 'made' : 'refused'} at ${at} leaving ${fromBalance} and ${toBalance}`
}
