import type { Model, Operation, Step } from '@colony/testing'
import type { BankOptions } from './bank-machine.ts'
import type { BalanceRecord, TransferRecord } from './operation-record.ts'

/** What a client heard about one of a transfer's accounts. */
interface AccountResult {
  readonly ok: boolean
  readonly balance: number
}

/**
 * One account by itself: `debit` and `credit` are the two ends of transfers, `read` its balance. A linearizable bank has linearizable
 * accounts. What this leaves out is the other account, so of a credit with an unknown outcome either is possible.
 */
export function accountModel({ openingBalance }: Pick<BankOptions, 'openingBalance'>): Model<number> {
  return {
    init: () => openingBalance,
    step: accountStep,
    partition: ({ key }) => key ?? '',
    // A refused transfer moves nothing.
    isPure: ({ f, outcome, result }) => f === 'read' || (outcome === 'ok' && !(result as AccountResult).ok),
  }
}

function accountStep(balance: number, { f, value, result, outcome }: Operation): Step<number> {
  if (f === 'read') return { legal: result === balance, state: balance }
  const amount = value as number
  const covered = f === 'credit' || amount <= balance
  const state = balance + (f === 'credit' ? amount : -amount)
  if (outcome === 'unknown') return { legal: true, state: covered ? state : balance }
  const told = result as AccountResult
  if (told.ok) return { legal: covered && told.balance === state, state }
  const refusable = f === 'credit' || !covered
  return { legal: refusable && told.balance === balance, state: balance }
}

/** The history of one account: everything that touched it, without the indexes of the log. */
export function historyOf(
  account: string,
  transfers: readonly TransferRecord[],
  balances: readonly BalanceRecord[],
): readonly Operation[] {
  const operations: Operation[] = []
  for (const transfer of transfers) {
    if (transfer.from === account) operations.push(endOf(transfer, 'debit', account))
    else if (transfer.to === account) operations.push(endOf(transfer, 'credit', account))
  }
  for (const { account: read, balance, invokedAt, completedAt } of balances) {
    if (read !== account) continue
    operations.push({
      process: 'reader',
      f: 'read',
      key: account,
      result: balance,
      outcome: 'ok',
      invokedAt,
      completedAt,
    })
  }
  return operations
}

function endOf(transfer: TransferRecord, f: 'debit' | 'credit', key: string): Operation {
  const { id, amount, result, invokedAt, completedAt } = transfer
  const operation = { process: id, f, key, value: amount, invokedAt, completedAt }
  if (result === undefined) return { ...operation, outcome: 'unknown' }
  const balance = f === 'debit' ? result.fromBalance : result.toBalance
  return { ...operation, outcome: 'ok', result: { ok: result.ok, balance } satisfies AccountResult }
}
