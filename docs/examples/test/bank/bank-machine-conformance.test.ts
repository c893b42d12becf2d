import { machineConformance } from '@colony/testing/conformance'
import { describe, test } from 'vitest'
import { Bank, type Transfer } from '../../src/bank/bank-machine.ts'

const accounts = ['x', 'y', 'z']
const AMOUNTS = [1, 30, 100, 0, -5, 1.5]

/** Between all accounts and one that there is not: made, and refused for every reason. */
const commands: readonly Transfer[] = [...accounts, 'nobody'].flatMap((from) =>
  accounts.flatMap((to) => AMOUNTS.map((amount) => ({ id: `${from} ${to} ${amount}`, from, to, amount }))),
)

describe('the bank is a state machine', () => {
  const suite = machineConformance({
    machine: () => new Bank({ accounts, openingBalance: 50 }),
    commands: [...commands, ...commands],
    state: (bank) => ({
      balances: bank.balances(),
      ledger: bank.ledger(),
      histories: accounts.map((account) => bank.history(account)),
    }),
  })
  for (const { name, run } of suite) test(name, run)
})
