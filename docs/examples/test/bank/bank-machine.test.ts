import { describe, expect, it } from 'vitest'
import { Bank, type Transfer } from '../../src/bank/bank-machine.ts'

const OPTIONS = { accounts: ['x', 'y'], openingBalance: 100 }

function transfer(change: Partial<Transfer> = {}): Transfer {
  return { id: 't1', from: 'x', to: 'y', amount: 30, ...change }
}

describe('Bank', () => {
  it('moves money and says what is left', () => {
    const bank = new Bank(OPTIONS)
    expect(bank.apply(transfer(), { index: 7 })).toEqual({ ok: true, at: 7, fromBalance: 70, toBalance: 130 })
    expect(bank.balances()).toEqual({ x: 70, y: 130 })
  })

  it.each([
    [{ amount: 101 }, 'insufficient-funds'],
    [{ amount: 0 }, 'invalid-amount'],
    [{ amount: -5 }, 'invalid-amount'],
    [{ amount: 1.5 }, 'invalid-amount'],
    [{ to: 'x' }, 'same-account'],
    [{ to: 'nobody' }, 'no-such-account'],
    [{ from: '__proto__' }, 'no-such-account'],
  ])('refuses %o as %s, as a result', (change, refusal) => {
    const bank = new Bank(OPTIONS)
    expect(bank.apply(transfer(change), { index: 2 })).toMatchObject({ ok: false, refusal })
    expect(bank.balances()).toEqual({ x: 100, y: 100 })
    expect(bank.ledger()).toMatchObject([{ id: 't1', ok: false }])
  })

  it('keeps every application in its ledger, also one that comes twice', () => {
    const bank = new Bank(OPTIONS)
    bank.apply(transfer(), { index: 2 })
    bank.apply(transfer(), { index: 3 })
    expect(bank.ledger().map(({ id, at }) => [id, at])).toEqual([
      ['t1', 2],
      ['t1', 3],
    ])
    expect(bank.balance('x')).toBe(40)
  })

  it('shows the latest movements of an account, oldest first', () => {
    const bank = new Bank(OPTIONS)
    for (let index = 1; index <= 10; index++) bank.apply(transfer({ id: `t${index}`, amount: 1 }), { index })
    const history = bank.history('y')
    expect(history).toHaveLength(8)
    expect(history.at(-1)).toEqual({ at: 10, change: 1, balance: 110, other: 'x' })
    expect(bank.history('nobody')).toEqual([])
  })

  it('is deterministic', () => {
    const [one, other] = [new Bank(OPTIONS), new Bank(OPTIONS)]
    for (let index = 1; index <= 50; index++) {
      const command = transfer({ id: `t${index}`, amount: (index * 37) % 60 })
      expect(one.apply(command, { index })).toEqual(other.apply(command, { index }))
    }
    expect(one.ledger()).toEqual(other.ledger())
  })
})
