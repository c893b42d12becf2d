import { describe, expect, it } from 'vitest'
import { Accusers } from '../../../src/core/detection/accusers.ts'
import { FakeContext } from '../fake-context.ts'
import type { Member, MemberStatus } from '../../../src/core/members/member.ts'

function member(status: MemberStatus, counter: number): Member {
  return { id: 'a', address: 'x', zone: '', status, incarnation: { epoch: 1, counter } }
}

function refute(accusers: Accusers, accuser: string, confirmations = 0): void {
  accusers.ended(member('suspect', 0), member('alive', 1), accuser, confirmations)
}

describe('accusers', () => {
  it('whom nobody ever confirms are in quarantine after three refuted complaints, for a while', () => {
    const context = new FakeContext('me')
    const accusers = new Accusers(context)
    for (let complaint = 0; complaint < 3; complaint++) {
      expect(accusers.isQuarantined('b')).toBe(false)
      refute(accusers, 'b')
    }
    expect([accusers.isQuarantined('b'), accusers.isQuarantined('c')]).toEqual([true, false])
    context.now += 61_000
    expect(accusers.isQuarantined('b')).toBe(false)
  })

  it('are believed when others say the same, and again as soon as they were right', () => {
    const accusers = new Accusers(new FakeContext('me'))
    for (let complaint = 0; complaint < 9; complaint++) refute(accusers, 'b', 1)
    for (let complaint = 0; complaint < 9; complaint++) refute(accusers, 'me')
    expect([accusers.isQuarantined('b'), accusers.isQuarantined('me')]).toEqual([false, false])
    for (let complaint = 0; complaint < 9; complaint++) refute(accusers, 'b')
    accusers.ended(member('suspect', 3), member('failed', 3), 'b', 0)
    expect(accusers.isQuarantined('b')).toBe(false)
  })

  it('give who refuted many complaints more time, up to twice as much', () => {
    const context = new FakeContext('me')
    const accusers = new Accusers(context)
    expect(accusers.patience('a')).toBe(1)
    refute(accusers, 'b')
    expect(accusers.patience('a')).toBe(1.25)
    for (let complaint = 0; complaint < 9; complaint++) refute(accusers, `x${complaint}`)
    expect(accusers.patience('a')).toBe(2)
    context.now += 3_600_000
    expect(accusers.patience('a')).toBeCloseTo(1, 3)
  })

  it('are remembered in bounded number', () => {
    const accusers = new Accusers(new FakeContext('me'))
    for (let complaint = 0; complaint < 4; complaint++) refute(accusers, 'b')
    for (let other = 0; other < 300; other++) refute(accusers, `x${other}`)
    expect(accusers.isQuarantined('b')).toBe(false)
  })
})
