import type { Random } from '@colony/host'
import { machineClock } from '@colony/testing/node'
import type { Transfer } from './bank-machine.ts'
import type { Calls } from './call.ts'
import type { Activity } from './activity.ts'
import type { RecordWriter } from './record-file.ts'

/** Of 100 operations so many are transfers and linearizable reads; the rest are local reads. */
const TRANSFERS = 60
const BALANCES = 30
const LARGEST_AMOUNT = 100

/** What a teller works with. */
export interface TellerOptions {
  /** Part of the id of every transfer. */
  readonly name: string
  readonly accounts: readonly string[]
  readonly calls: Calls
  readonly random: Random
  readonly records: RecordWriter
  readonly activity: Activity
}

/** One client of the bank: one operation after the other, each with the consistency that it needs, each recorded. */
export class Teller {
  readonly #options: TellerOptions
  #transfers = 0

  constructor(options: TellerOptions) {
    this.#options = options
  }

  /** Works until `running` says no. */
  async work(running: () => boolean): Promise<void> {
    while (running()) {
      const kind = this.#options.random.integer(1, 100)
      if (kind <= TRANSFERS) await this.#transfer()
      else if (kind <= TRANSFERS + BALANCES) await this.#readBalance()
      else await this.#readHistory()
    }
  }

  async #transfer(): Promise<void> {
    const { calls, records, activity } = this.#options
    const transfer = this.#newTransfer()
    const invokedAt = machineClock.now()
    const answer = await calls.call({ transfer })
    if (answer === undefined || !('transferred' in answer)) {
      activity.unknown++
      records.add({ kind: 'transfer', invokedAt, completedAt: Number.POSITIVE_INFINITY, ...transfer })
      return
    }
    const completedAt = machineClock.now()
    activity.transferMs.push(completedAt - invokedAt)
    records.add({ kind: 'transfer', invokedAt, completedAt, ...transfer, result: answer.transferred })
  }

  async #readBalance(): Promise<void> {
    const { calls, records, activity } = this.#options
    const account = this.#anyAccount()
    const invokedAt = machineClock.now()
    const answer = await calls.call({ balance: account })
    if (answer === undefined || !('balance' in answer)) return
    const completedAt = machineClock.now()
    activity.balanceMs.push(completedAt - invokedAt)
    const { balance, index } = answer
    records.add({ kind: 'balance', invokedAt, completedAt, account, balance, index })
  }

  async #readHistory(): Promise<void> {
    const { calls, records, activity } = this.#options
    const account = this.#anyAccount()
    const invokedAt = machineClock.now()
    const answer = await calls.call({ history: account })
    if (answer === undefined || !('movements' in answer)) return
    const { index, staleMs, movements } = answer
    activity.histories++
    if (staleMs !== null) activity.staleMs.push(staleMs)
    const newest = movements.at(-1)?.at ?? 0
    records.add({
      kind: 'history',
      invokedAt,
      completedAt: machineClock.now(),
      account,
      index,
      staleMs,
      newest,
    })
  }

  #newTransfer(): Transfer {
    const { name, random } = this.#options
    const from = this.#anyAccount()
    let to = this.#anyAccount()
    while (to === from) to = this.#anyAccount()
    return { id: `${name}-${++this.#transfers}`, from, to, amount: random.integer(1, LARGEST_AMOUNT) }
  }

  #anyAccount(): string {
    const { accounts, random } = this.#options
    return accounts[random.integer(0, accounts.length - 1)] ?? ''
  }
}
