import type { ApplyContext, LogIndex, StateMachine } from '@colony/raft'

/** Moves money between two accounts. The command of the replicated state machine. */
export interface Transfer {
  /** Names this one transfer, forever: also its idempotency key. */
  readonly id: string
  readonly from: string
  readonly to: string
  /** Whole units, at least 1. */
  readonly amount: number
}

/** Why a transfer was not made. An expected outcome, hence a result and not an exception. */
export type Refusal = 'no-such-account' | 'same-account' | 'invalid-amount' | 'insufficient-funds'

/** What became of a transfer. The balances are those right after it (or right after it was refused). */
export interface TransferResult {
  readonly ok: boolean
  /** Log index at which it was applied: a retry under the same idempotency key gets the first one's. */
  readonly at: LogIndex
  readonly fromBalance: number
  readonly toBalance: number
  readonly refusal?: Refusal
}

/** One applied transfer, made or refused. The ledger has them in the order of the log. */
export interface LedgerEntry extends Transfer {
  readonly at: LogIndex
  readonly ok: boolean
}

/** A change of one account. */
export interface Movement {
  readonly at: LogIndex
  /** What was added; negative for what was taken. */
  readonly change: number
  /** What the account held after it. */
  readonly balance: number
  /** The account at the other end. */
  readonly other: string
}

/** How the bank opens. The same on every node, or their states would differ. */
export interface BankOptions {
  readonly accounts: readonly string[]
  readonly openingBalance: number
}

/** Movements that an account shows. */
const HISTORY_LENGTH = 8

/**
 * The replicated bank. Deterministic: no clock, no randomness, nothing but commands in the order of the log.
 *
 * It does nothing against transfers that come twice: that retries are applied once is the promise of the idempotency keys, and the
 * ledger, which keeps every application, is what it is audited by.
 */
export class Bank implements StateMachine<Transfer, TransferResult> {
  readonly #balances = new Map<string, number>()
  readonly #movements = new Map<string, Movement[]>()
  readonly #ledger: LedgerEntry[] = []

  constructor({ accounts, openingBalance }: BankOptions) {
    for (const account of accounts) {
      this.#balances.set(account, openingBalance)
      this.#movements.set(account, [])
    }
  }

  apply(transfer: Transfer, { index }: Pick<ApplyContext, 'index'>): TransferResult {
    const { id, from, to, amount } = transfer
    const refusal = this.#refusal(transfer)
    this.#ledger.push({ id, from, to, amount, at: index, ok: refusal === undefined })
    if (refusal === undefined) {
      this.#move(from, -amount, to, index)
      this.#move(to, amount, from, index)
    }
    return {
      ok: refusal === undefined,
      at: index,
      fromBalance: this.balance(from),
      toBalance: this.balance(to),
      ...(refusal !== undefined && { refusal }),
    }
  }

  /** What an account holds; 0 for one that there is not. */
  balance(account: string): number {
    return this.#balances.get(account) ?? 0
  }

  /** The latest movements of an account, oldest first. */
  history(account: string): readonly Movement[] {
    return this.#movements.get(account) ?? []
  }

  /** Every account's balance. */
  balances(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#balances)
  }

  /** Every transfer that was applied, in the order of the log. */
  ledger(): readonly LedgerEntry[] {
    return this.#ledger
  }

  #refusal({ from, to, amount }: Transfer): Refusal | undefined {
    if (!this.#balances.has(from) || !this.#balances.has(to)) return 'no-such-account'
    if (from === to) return 'same-account'
    if (!Number.isSafeInteger(amount) || amount < 1) return 'invalid-amount'
    if (this.balance(from) < amount) return 'insufficient-funds'
    return undefined
  }

  #move(account: string, change: number, other: string, at: LogIndex): void {
    const balance = this.balance(account) + change
    this.#balances.set(account, balance)
    const movements = this.#movements.get(account)
    movements?.push({ at, change, balance, other })
    if (movements !== undefined && movements.length > HISTORY_LENGTH) movements.shift()
  }
}
