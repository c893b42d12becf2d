import type { Random } from '@colony/host'
import { checkAccounts, drawAccounts } from './check-accounts.ts'
import { checkLedgers } from './check-ledgers.ts'
import { checkMoney } from './check-money.ts'
import { checkOrder } from './check-order.ts'
import { checkResults } from './check-results.ts'
import { checkStaleness } from './check-staleness.ts'
import { openCase, type Evidence } from './evidence.ts'
import { Findings } from './findings.ts'

const SAMPLED_ACCOUNTS = 16

/** What the verification came to. */
export interface Verdict {
  /** Transfers that a client was told the result of. */
  readonly acknowledged: number
  /** Transfers that a client gave up on. */
  readonly unknown: number
  /** Of those, the ones that were applied after all. */
  readonly unknownApplied: number
  readonly lost: number
  readonly duplicated: number
  readonly conserved: boolean
  /** The whole history by the order of the log, and sampled accounts without it. `false` also when a check could not be decided. */
  readonly linearizable: boolean
  /** All nodes hold the same. */
  readonly identical: boolean
  /** Local reads were no older than they said. */
  readonly stalenessHeld: boolean
  /** Operations whose place in the order was checked. */
  readonly operationsChecked: number
  /** Accounts whose history was searched for an order of its own. */
  readonly accountsChecked: number
  /** Everything that is wrong; empty when nothing is. */
  readonly problems: readonly string[]
}

/** Judges a run by what its clients recorded and what its nodes hold. */
export function verify(evidence: Evidence, random: Random): Verdict {
  const findings = new Findings()
  const opened = openCase(evidence)
  const { transfers, balances, indexOf } = opened
  if (evidence.audits.length !== evidence.nodes) {
    const heard = `${evidence.audits.length} of ${evidence.nodes} nodes were heard`
    findings.add('undecided', 'audit', heard)
  }
  for (const failure of evidence.failures) findings.add('undecided', 'run', failure)
  const acknowledged = transfers.filter(({ result }) => result !== undefined).length
  if (acknowledged === 0)
    findings.add('undecided', 'load', 'no transfer was acknowledged, so nothing is shown')
  checkLedgers(opened, findings)
  checkMoney(opened, findings)
  checkOrder(opened, findings)
  checkResults(opened, findings)
  const sample = drawAccounts(opened.bank.accounts, SAMPLED_ACCOUNTS, random)
  const accounts = checkAccounts(opened, sample, findings)
  checkStaleness(opened, findings)
  const unknown = transfers.filter(({ result }) => result === undefined)
  return {
    acknowledged,
    unknown: unknown.length,
    unknownApplied: unknown.filter(({ id }) => indexOf.has(id)).length,
    lost: findings.count('lost'),
    duplicated: findings.count('duplicated'),
    conserved: findings.count('not conserved') === 0,
    linearizable:
      findings.count('out of order', 'wrong result', 'not linearizable', 'invented', 'undecided') === 0,
    identical: findings.count('diverged') === 0,
    stalenessHeld: findings.count('staler than promised') === 0,
    operationsChecked: transfers.length + balances.length,
    accountsChecked: accounts.length,
    problems: findings.describe(),
  }
}
