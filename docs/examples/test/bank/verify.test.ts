import { createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { checkAccounts } from '../../src/bank/check-accounts.ts'
import { openCase } from '../../src/bank/evidence.ts'
import { Findings } from '../../src/bank/findings.ts'
import { verify, type Verdict } from '../../src/bank/verify.ts'
import { forge, historyAt, honestRun, readAt, transferAt, type Forgeable } from './honest-run.ts'

function judge(run: Forgeable): Verdict {
  return verify(run, createRandom('sample'))
}

/** What the search for an order says, which knows no indexes. */
function problemsOfAccounts(run: Forgeable): string {
  const findings = new Findings()
  checkAccounts(openCase(run), run.bank.accounts, findings)
  return findings.describe().join('\n')
}

describe('an honest run', () => {
  it.each([1, 2, 3, 4, 5])('is acquitted (seed %i)', (seed) => {
    const verdict = judge(honestRun(seed))
    expect(verdict.problems).toEqual([])
    expect(verdict).toMatchObject({
      lost: 0,
      duplicated: 0,
      conserved: true,
      linearizable: true,
      identical: true,
      stalenessHeld: true,
    })
    expect(verdict.acknowledged).toBeGreaterThan(300)
  })

  it('may have transfers of unknown outcome, applied or not', () => {
    const run = honestRun()
    const { result: _, ...applied } = transferAt(run, 10)
    run.records[run.records.indexOf(transferAt(run, 10))] = { ...applied, completedAt: Infinity }
    run.records.push({ ...applied, id: 'never', completedAt: Infinity })
    const verdict = judge(run)
    expect(verdict.problems).toEqual([])
    expect(verdict).toMatchObject({ unknown: 2, unknownApplied: 1, linearizable: true })
  })
})

describe('losses and repetitions', () => {
  it('convicts a transfer that was acknowledged and is missing on one node', () => {
    const run = honestRun()
    const { id } = transferAt(run, 7)
    const audit = run.audits[2]!
    audit.ledger = audit.ledger.filter((entry) => entry.id !== id)
    expect(judge(run)).toMatchObject({ lost: 1, duplicated: 0, identical: false })
  })

  it('convicts a transfer that was acknowledged and is missing everywhere', () => {
    const run = honestRun()
    const { id } = transferAt(run, 7)
    for (const audit of run.audits) audit.ledger = audit.ledger.filter((entry) => entry.id !== id)
    expect(judge(run)).toMatchObject({ lost: 1, identical: true, linearizable: false })
  })

  it('convicts a transfer that was applied twice', () => {
    const run = honestRun()
    for (const audit of run.audits) {
      const first = audit.ledger[20]!
      audit.ledger = [...audit.ledger, { ...first, at: audit.appliedIndex + 1 }]
    }
    expect(judge(run)).toMatchObject({ lost: 0, duplicated: 1 })
  })

  it('convicts a transfer that nobody asked for, and one that was altered', () => {
    const run = honestRun()
    for (const audit of run.audits) {
      audit.ledger = audit.ledger.map((entry, nth) =>
        nth === 3 ? { ...entry, amount: entry.amount + 1 } : entry,
      )
      audit.ledger = [...audit.ledger, { ...audit.ledger[0]!, id: 'ghost', at: audit.appliedIndex + 1 }]
    }
    const verdict = judge(run)
    expect(verdict.problems.filter((problem) => problem.startsWith('invented'))).toHaveLength(6 / 3)
    expect(verdict.linearizable).toBe(false)
  })
})

describe('money', () => {
  it('convicts a sum that changed', () => {
    const run = honestRun()
    const audit = run.audits[1]!
    audit.balances = { ...audit.balances, A1: (audit.balances['A1'] ?? 0) + 1 }
    expect(judge(run).conserved).toBe(false)
  })

  it('convicts an account below zero though the sum is right', () => {
    const run = honestRun()
    const audit = run.audits[1]!
    const { A1 = 0, A2 = 0 } = audit.balances
    audit.balances = { ...audit.balances, A1: -5, A2: A2 + A1 + 5 }
    expect(judge(run).conserved).toBe(false)
  })

  it('convicts balances that the ledger does not explain though the sum is right', () => {
    const run = honestRun()
    for (const audit of run.audits) {
      const { A1 = 0, A2 = 0 } = audit.balances
      audit.balances = { ...audit.balances, A1: A2, A2: A1 }
    }
    expect(judge(run)).toMatchObject({ conserved: true, linearizable: false })
  })
})

describe('linearizability', () => {
  it('convicts a read that is stale, by the index and by the search alike', () => {
    const run = honestRun()
    // As a node answers that was cut off at the beginning: consistent, with an honest index, but old.
    for (let nth = -1; nth > -20; nth--) {
      forge(run, readAt(run, nth), { index: 1, balance: run.bank.openingBalance })
    }
    expect(judge(run).problems.join()).toContain('out of order')
    expect(problemsOfAccounts(run)).toContain('not linearizable')
  })

  it('convicts a stale read that lies about its index', () => {
    const run = honestRun()
    const read = readAt(run, -1)
    forge(run, read, { balance: read.balance + 1 })
    expect(judge(run).problems.join()).toContain('wrong result')
    expect(problemsOfAccounts(run)).toContain('not linearizable')
  })

  it('convicts two transfers that took effect in the wrong order', () => {
    const run = honestRun()
    // The nodes agree with each other and with their results; only time says otherwise.
    const early = transferAt(run, 5)
    const late = transferAt(run, 60)
    forge(run, early, { invokedAt: late.invokedAt + 1_000, completedAt: late.completedAt + 1_000 })
    forge(run, late, { invokedAt: early.invokedAt, completedAt: early.completedAt })
    const verdict = judge(run)
    expect(verdict).toMatchObject({ lost: 0, duplicated: 0, conserved: true, linearizable: false })
    expect(verdict.problems.join()).toContain('out of order')
    expect(problemsOfAccounts(run)).toContain('not linearizable')
  })

  it('convicts a result that was made up', () => {
    const run = honestRun()
    const transfer = transferAt(run, 30)
    forge(run, transfer, { result: { ...transfer.result!, fromBalance: transfer.result!.fromBalance + 1 } })
    expect(judge(run).problems.join()).toContain('wrong result')
    expect(problemsOfAccounts(run)).toContain('not linearizable')
  })

  it('convicts an acknowledgement with another index than the effect', () => {
    const run = honestRun()
    const transfer = transferAt(run, 30)
    forge(run, transfer, { result: { ...transfer.result!, at: transfer.result!.at + 1 } })
    expect(judge(run).linearizable).toBe(false)
  })

  it('convicts a refusal though there was money', () => {
    const run = honestRun()
    const { id, from, amount, result } = transferAt(run, 30)
    const refused = { ...result!, ok: false, fromBalance: result!.fromBalance + amount }
    forge(run, transferAt(run, 30), { result: refused })
    for (const audit of run.audits) {
      audit.ledger = audit.ledger.map((entry) => (entry.id === id ? { ...entry, ok: false } : entry))
    }
    expect(judge(run).problems.join()).toContain('refused against the balance')
    expect(from).not.toBe('')
    expect(problemsOfAccounts(run)).toContain('not linearizable')
  })

  it('does not pass what it could not decide', () => {
    const run = honestRun()
    run.audits.pop()
    const verdict = judge(run)
    expect(verdict.problems.join()).toContain('2 of 3 nodes were heard')
    expect(verdict.linearizable).toBe(false)
    run.failures.push('n3 did not catch up')
    expect(judge(run).problems.join()).toContain('n3 did not catch up')
    run.records.length = 0
    expect(judge(run).problems.join()).toContain('no transfer was acknowledged')
  })
})

describe('nodes and local reads', () => {
  it('convicts nodes whose ledgers have another order', () => {
    const run = honestRun()
    const audit = run.audits[1]!
    const [first, second, ...rest] = audit.ledger
    audit.ledger = [second!, first!, ...rest]
    expect(judge(run)).toMatchObject({ identical: false, lost: 0 })
  })

  it('convicts nodes that did not get equally far', () => {
    const run = honestRun()
    run.audits[2]!.appliedIndex--
    expect(judge(run).identical).toBe(false)
  })

  it('convicts a local read that is older than it says', () => {
    const run = honestRun()
    forge(run, historyAt(run, -1), { index: 1, newest: 0, staleMs: 50 })
    expect(judge(run)).toMatchObject({ stalenessHeld: false, linearizable: true })
  })

  it('acquits the same read when it owns up to its age, or to knowing none', () => {
    for (const staleMs of [1e6, null]) {
      const run = honestRun()
      forge(run, historyAt(run, -1), { index: 1, newest: 0, staleMs })
      expect(judge(run).problems).toEqual([])
    }
  })

  it('convicts a local read that shows what never was', () => {
    const run = honestRun()
    forge(run, historyAt(run, -1), { newest: 1 })
    expect(judge(run).stalenessHeld).toBe(false)
  })
})
