import { createRandom } from '@colony/host'
import type { NodeAudit } from '../../src/bank/audit-file.ts'
import { Bank, type Transfer } from '../../src/bank/bank-machine.ts'
import type { Evidence } from '../../src/bank/evidence.ts'
import type {
  BalanceRecord,
  HistoryRecord,
  OperationRecord,
  TransferRecord,
} from '../../src/bank/operation-record.ts'

const OPERATIONS = 600
const NODES = ['n1', 'n2', 'n3']

/** Evidence that a test may falsify: the same as {@link Evidence}, but writable. */
export interface Forgeable extends Evidence {
  records: OperationRecord[]
  failures: string[]
  audits: { -readonly [Field in keyof NodeAudit]: NodeAudit[Field] }[]
}

/** The evidence of a run in which all went well: operations overlap, and each takes effect in the middle of its time. */
export function honestRun(seed = 1): Forgeable {
  const random = createRandom(seed)
  const accounts = ['A1', 'A2', 'A3', 'A4', 'A5', 'A6']
  const options = { accounts, openingBalance: 200 }
  const bank = new Bank(options)
  const records: OperationRecord[] = []
  const any = (): string => accounts[random.integer(0, accounts.length - 1)] ?? ''
  let index = 1
  for (let nth = 0; nth < OPERATIONS; nth++) {
    const effectAt = 100 + nth * 10
    const interval = {
      invokedAt: effectAt - random.integer(1, 30),
      completedAt: effectAt + random.integer(1, 30),
    }
    const account = any()
    const kind = random.integer(1, 10)
    if (kind <= 6) {
      const others = accounts.filter((other) => other !== account)
      const to = others[random.integer(0, others.length - 1)] ?? ''
      const transfer: Transfer = { id: `t${nth}`, from: account, to, amount: random.integer(1, 100) }
      const result = bank.apply(transfer, { index: ++index })
      records.push({ kind: 'transfer', ...interval, ...transfer, result })
    } else if (kind <= 8) {
      records.push({ kind: 'balance', ...interval, account, balance: bank.balance(account), index })
    } else {
      const newest = bank.history(account).at(-1)?.at ?? 0
      records.push({ kind: 'history', ...interval, account, index, staleMs: 50, newest })
    }
  }
  const audit = { appliedIndex: index, balances: bank.balances(), ledger: [...bank.ledger()] }
  return {
    bank: options,
    records,
    audits: NODES.map((node) => ({ node, ...structuredClone(audit) })),
    nodes: NODES.length,
    failures: [],
  }
}

/** The n-th acknowledged transfer that was made. */
export function transferAt(run: Forgeable, nth: number): TransferRecord {
  const made = run.records.filter((record) => record.kind === 'transfer' && record.result?.ok === true)
  return made.at(nth) as TransferRecord
}

/** The n-th linearizable read. */
export function readAt(run: Forgeable, nth: number): BalanceRecord {
  return run.records.filter(({ kind }) => kind === 'balance').at(nth) as BalanceRecord
}

/** The n-th local read. */
export function historyAt(run: Forgeable, nth: number): HistoryRecord {
  return run.records.filter(({ kind }) => kind === 'history').at(nth) as HistoryRecord
}

/** Puts a falsified record in the place of an honest one. */
export function forge<Kind extends OperationRecord>(
  run: Forgeable,
  record: Kind,
  change: Partial<Kind>,
): void {
  run.records[run.records.indexOf(record)] = { ...record, ...change }
}
