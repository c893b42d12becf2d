import type { Random } from '@colony/host'
import { checkLinearizable } from '@colony/testing'
import { accountModel, historyOf } from './account-model.ts'
import type { Case } from './evidence.ts'
import type { Findings } from './findings.ts'

/** Calls of the model that one account may take: hundreds of times what one usually takes. */
const BUDGET_PER_ACCOUNT = 5_000_000

/**
 * Looks for an order that explains everything that clients were told about some accounts, from the opening of the bank to the end, and
 * knows nothing of terms, logs and indexes: if the nodes agreed on nonsense, this is what would notice.
 * @returns The accounts that were checked.
 */
export function checkAccounts(
  evidence: Case,
  accounts: readonly string[],
  findings: Findings,
): readonly string[] {
  const model = accountModel(evidence.bank)
  for (const account of accounts) {
    const operations = historyOf(account, evidence.transfers, evidence.balances)
    const { verdict, witness, steps } = checkLinearizable(model, operations, { budget: BUDGET_PER_ACCOUNT })
    if (verdict === 'unknown') {
      const size = `${operations.length} operations, ${steps} steps`
      findings.add('undecided', account, `the budget ran out before its history was explained (${size})`)
    } else if (verdict === 'illegal') {
      const { f, value, result } = witness?.operation ?? {}
      const detail = `nothing explains ${f} ${JSON.stringify(value ?? '')} with the result ${JSON.stringify(result)}`
      findings.add('not linearizable', account, detail)
    }
  }
  return accounts
}

/** Draws `count` of the accounts. */
export function drawAccounts(accounts: readonly string[], count: number, random: Random): readonly string[] {
  const left = [...accounts]
  const drawn: string[] = []
  while (drawn.length < count && left.length > 0)
    drawn.push(...left.splice(random.integer(0, left.length - 1), 1))
  return drawn
}
