import { describe, expect, it } from 'vitest'
import { GoneMembers } from '../../../src/core/life/gone-members.ts'
import type { MemberStatus } from '../../../src/core/members/member.ts'
import type { MemberUpdate } from '../../../src/core/wire/member-update.ts'
import { TAGS } from '../../../src/core/wire/tags.ts'
import { FakeContext } from '../fake-context.ts'

function fixture() {
  const context = new FakeContext('self', ['a', 'b', 'c'])
  const recalled: [number, string][] = []
  const contacted: string[] = []
  const forgotten: string[] = []
  const record = (id: string): MemberUpdate | undefined => {
    const member = context.members.get(id)
    return member && { ...member, accuser: 'self' }
  }
  const gone = new GoneMembers(context, {
    register: {
      apply: () => {},
      applyAll: () => true,
      record,
      speakAnew: () => record('self') as MemberUpdate,
      forget: (id) => forgotten.push(id),
      floor: () => undefined,
    },
    contact: (at) => contacted.push(at),
    recall: ({ id }) => recalled.push([context.now, id]),
  })
  const set = (id: string, status: MemberStatus): void => {
    const before = context.members.get(id)
    gone.memberChanged(before, context.members.set(id, status))
  }
  return { context, gone, recalled, contacted, forgotten, set }
}

describe('failed members', () => {
  it('are tried with backoff up to the cap, until they are back', () => {
    const { context, gone, recalled, set } = fixture()
    set('a', 'failed')
    const begun = context.now
    context.run(begun + 600_000, gone)
    const waits = recalled.map(([at], index) => at - (recalled[index - 1]?.[0] ?? begun))
    // 5, 10, 20, 30, 30 … seconds, a quarter more or less.
    const expected = [5, 10, 20, ...waits.slice(3).map(() => 30)]
    for (const [index, wait] of waits.entries()) {
      const seconds = (expected[index] ?? 0) * 1000
      expect(wait).toBeGreaterThanOrEqual(0.75 * seconds)
      expect(wait).toBeLessThanOrEqual(1.25 * seconds)
    }
    expect(waits.length).toBeGreaterThan(15)
    set('a', 'alive')
    recalled.length = 0
    context.run(context.now + 600_000, gone)
    expect(recalled).toEqual([])
    expect(gone.deadline).toBe(Infinity)
  })

  it('are tried two a second at most, each in its turn', () => {
    const { context, gone, recalled, set } = fixture()
    for (let index = 0; index < 300; index++) set(`m${index}`, 'failed')
    const begun = context.now
    context.run(begun + 600_000, gone)
    expect(recalled.length).toBeLessThanOrEqual(1200)
    expect(recalled.length).toBeGreaterThan(1100)
    const tries = new Map<string, number>()
    for (const [, id] of recalled) tries.set(id, (tries.get(id) ?? 0) + 1)
    expect(tries.size).toBe(300)
    expect(Math.max(...tries.values())).toBeLessThanOrEqual(5)
  })

  it('are tried one at a time, also when the part is woken for another reason', () => {
    const { context, gone, recalled, set } = fixture()
    for (const id of ['a', 'b', 'c']) set(id, 'failed')
    context.now += 20_000
    for (let tick = 0; tick < 5; tick++) gone.tick()
    expect(recalled.length).toBe(1)
    context.now += 500
    gone.tick()
    expect(recalled.length).toBe(2)
  })

  it('are told by gossip too, for a while', () => {
    const { context, gone, set } = fixture()
    set('a', 'failed')
    set('b', 'left')
    expect(gone.recentlyFailed()).toEqual(['a'])
    context.now += 29_000
    set('c', 'failed')
    expect(gone.recentlyFailed()).toEqual(['a', 'c'])
    context.now += 2000
    expect(gone.recentlyFailed()).toEqual(['c'])
    set('c', 'alive')
    expect(gone.recentlyFailed()).toEqual([])
  })

  it('are forgotten after a day, and so are those who left, who are never tried', () => {
    const { context, gone, recalled, forgotten, set } = fixture()
    set('a', 'failed')
    set('b', 'left')
    context.run(context.now + 86_399_000, gone)
    expect(forgotten).toEqual([])
    context.run(context.now + 2000, gone)
    expect(forgotten.toSorted()).toEqual(['a', 'b'])
    expect(recalled.some(([, id]) => id === 'b')).toBe(false)
    expect(gone.size).toBe(0)
    expect(gone.deadline).toBe(Infinity)
  })

  it('are forgotten at the deadline itself, however the sum of the times is rounded', () => {
    const { context, gone, forgotten, set } = fixture()
    // A clock tells parts of milliseconds: the day that ends here is shorter than a day, as numbers count.
    context.now = 268_435_397.9
    const since = context.now
    set('a', 'left')
    expect(gone.deadline - since).toBeLessThan(86_400_000)
    context.now = gone.deadline
    gone.tick()
    expect(forgotten).toEqual(['a'])
    expect(gone.deadline).toBe(Infinity)
  })

  it('are told how they stand when they are heard of, once a second', () => {
    const { context, gone, set } = fixture()
    set('a', 'failed')
    for (let packet = 0; packet < 10; packet++) gone.heard('a')
    gone.heard('b')
    expect(context.sent.map(({ to, tag }) => [to, tag])).toEqual([['a', TAGS.updates]])
    context.now += 1000
    gone.heard('a')
    expect(context.sent.length).toBe(2)
  })

  it('are told at their address when somebody else sees them, once a second', () => {
    const { gone, contacted, set } = fixture()
    set('a', 'failed')
    set('b', 'left')
    for (let time = 0; time < 3; time++) for (const id of ['a', 'b', 'c']) gone.contradicted(id)
    expect(contacted).toEqual(['udp://a'])
  })
})
