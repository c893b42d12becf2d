import type { Operation } from '../history/operation.ts'
import type { Model, Step } from './model.ts'
import { isRecord, refuseVerb, requireInitial, unknownVerb } from './verbs.ts'

const VERBS: readonly string[] = ['transfer', 'read']

/** Balances in the order of the accounts' names. */
type Balances = readonly number[]

/**
 * How a bank begins.
 * @category Checkers
 */
export interface BankModelOptions {
  /** Balances by account: all accounts that there are. Default: none. */
  readonly initial?: Readonly<Record<string, number>>
  /** Whether a balance may be less than 0. Default `false`. */
  readonly overdraft?: boolean
}

/**
 * Accounts, or a bank for each key: `transfer` (value: `{"from": account, "to": account, "amount": number}`; result `false`: refused, since the balance was too small; anything
 * else: done), `read` (result: the balances of all accounts, `{"account": number, …}`). No transfer changes the total, so a read with another is convicted.
 * @category Checkers
 */
export function bankModel(options: BankModelOptions = {}): Model<unknown> {
  const initial = options.initial ?? {}
  const sound = isRecord(initial) && Object.values(initial).every(Number.isFinite)
  requireInitial('bank', sound, 'balances by account: {"account": number, …}')
  const accounts = Object.keys(initial).toSorted()
  const numbers = new Map(accounts.map((name, number) => [name, number]))
  const model: Model<Balances> = {
    init: () => accounts.map((name) => initial[name] ?? 0),
    step: (balances, operation) => {
      if (operation.f === 'read') return readStep(balances, operation, accounts)
      if (operation.f !== 'transfer') return refuseVerb('bank', operation)
      return transferStep(balances, operation, numbers, options.overdraft ?? false)
    },
    partition: ({ key }) => key ?? '',
    isPure: ({ f, outcome, result }) => f === 'read' || (outcome === 'ok' && result === false),
    stateKey: (balances) => balances.join(' '),
    describe: (balances) =>
      JSON.stringify(Object.fromEntries(accounts.map((name, n) => [name, balances[n]]))),
    problem: (operation) => unknownVerb('bank', VERBS, operation) ?? problemOfTransfer(operation, numbers),
  }
  return model
}

interface Transfer {
  readonly from: string
  readonly to: string
  readonly amount: number
}

function problemOfTransfer(
  { f, value }: Operation,
  accounts: ReadonlyMap<string, number>,
): string | undefined {
  if (f === 'read') return undefined
  const form =
    'the value of a \'transfer\' must be {"from": account, "to": account, "amount": number, at least 0}'
  if (!isRecord(value)) return form
  const { from, to, amount } = value as Partial<Transfer>
  if (typeof amount !== 'number' || !(amount >= 0) || amount === Number.POSITIVE_INFINITY) return form
  const stranger = [from, to].find((name) => !accounts.has(String(name)))
  return stranger === undefined && from !== undefined && to !== undefined
    ? undefined
    : `a 'transfer' names the account '${String(stranger)}', which the bank's initial balances have not`
}

function transferStep(
  balances: Balances,
  { value, outcome, result }: Operation,
  accounts: ReadonlyMap<string, number>,
  overdraft: boolean,
): Step<Balances> {
  const { from, to, amount } = value as Transfer
  const source = accounts.get(String(from)) ?? 0
  const target = accounts.get(String(to)) ?? 0
  const covered = overdraft || (balances[source] ?? 0) >= amount
  if (outcome === 'ok' && result === false) return { legal: !covered, state: balances }
  // Of unknown outcome, it may have been refused.
  if (!covered) return { legal: outcome !== 'ok', state: balances }
  if (source === target || amount === 0) return { legal: true, state: balances }
  const next = [...balances]
  next[source] = (next[source] ?? 0) - amount
  next[target] = (next[target] ?? 0) + amount
  return { legal: true, state: next }
}

function readStep(
  balances: Balances,
  { outcome, result }: Operation,
  accounts: readonly string[],
): Step<Balances> {
  if (outcome !== 'ok') return { legal: true, state: balances }
  const legal =
    isRecord(result) &&
    Object.keys(result).length === accounts.length &&
    accounts.every((name, number) => Object.hasOwn(result, name) && result[name] === balances[number])
  return { legal, state: balances }
}
