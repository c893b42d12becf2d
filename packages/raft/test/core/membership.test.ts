import { createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { planChange, progressOf, type MembershipChange } from '../../src/core/membership-change.ts'
import { MembershipLog } from '../../src/core/membership-log.ts'
import { beginChange, nextMembership } from '../../src/core/membership-steps.ts'
import {
  decodeMembership,
  encodeMembership,
  foundingMembership,
  goalProblem,
  membershipProblem,
  type Membership,
} from '../../src/core/membership.ts'

const NOWHERE = new Map<string, string>()
const yes = (): boolean => true
const no = (): boolean => false
const ids = (text: string): readonly string[] => text.split('')

function membership(voters: string, rest: Partial<Membership> = {}): Membership {
  return { ...foundingMembership(ids(voters)), ...rest }
}

describe('the bytes of a membership', () => {
  const joint = membership('bcd', {
    outgoing: ids('abc'),
    learners: ids('e'),
    goal: { voters: ids('bcd'), learners: ids('ae') },
    addresses: new Map([
      ['a', 'tcp://a:1'],
      ['é', 'x'],
    ]),
  })

  it('come back as they went in', () => {
    for (const one of [joint, membership('a'), membership('abc', { learners: ids('de') })])
      expect(decodeMembership(encodeMembership(one))).toEqual(one)
  })

  it('give a membership or nothing, whatever they are', () => {
    const random = createRandom(7)
    const bytes = encodeMembership(joint)
    for (let length = 0; length < bytes.length; length++)
      expect(decodeMembership(bytes.subarray(0, length))).toBeUndefined()
    for (let i = 0; i < 3000; i++) {
      const broken = bytes.slice()
      broken[random.integer(0, bytes.length - 1)] = random.integer(0, 255)
      const read = decodeMembership(broken)
      if (read !== undefined) expect(membershipProblem(read)).toBeUndefined()
    }
  })

  it.each<[string, Membership]>([
    ['no voters', membership('')],
    ['a voter twice', { ...membership('a'), voters: ['a', 'a'] }],
    ['voters out of order', { ...membership('a'), voters: ['b', 'a'] }],
    ['a voter that learns', membership('ab', { learners: ['a'] })],
    ['an outgoing voter that learns', { ...joint, learners: ['a'] }],
    ['joint without a goal', membership('ab', { outgoing: ['a'] })],
    ['joint on the way to something else', { ...joint, goal: { voters: ['a'], learners: [] } }],
    ['an id of 256 bytes', membership('a', { learners: ['x'.repeat(256)] })],
    ['an empty id', { ...membership('a'), learners: [''] }],
  ])('are refused with %s', (_, wrong) => {
    expect(membershipProblem(wrong)).toBeDefined()
    expect(decodeMembership(encodeMembership(wrong))).toBeUndefined()
  })

  it('hold ids of 255 bytes', () => {
    const long = foundingMembership(['x'.repeat(255), 'é'.repeat(127)])
    expect(decodeMembership(encodeMembership(long))).toEqual(long)
    expect(goalProblem({ voters: ['é'.repeat(128)], learners: [] })).toMatch('255 bytes')
  })
})

describe('the way to a goal', () => {
  it('goes over learners and the joint membership', () => {
    const goal = { voters: ids('bcd'), learners: ids('e') }
    const begun = beginChange(membership('abc'), goal, NOWHERE, no)
    expect(begun).toMatchObject({ voters: ids('abc'), outgoing: [], learners: ids('de'), goal })
    expect(nextMembership(begun, no)).toBeUndefined()
    const joint = nextMembership(begun, yes)
    expect(joint).toMatchObject({ voters: ids('bcd'), outgoing: ids('abc'), learners: ids('e'), goal })
    const final = nextMembership(joint ?? begun, no)
    expect(final).toEqual(membership('bcd', { learners: ids('e') }))
    expect(nextMembership(final ?? begun, yes)).toBeUndefined()
  })

  it('of a single server is the same, over the joint membership', () => {
    const added = beginChange(membership('abc'), { voters: ids('abcd'), learners: [] }, NOWHERE, no)
    expect(added).toMatchObject({ voters: ids('abc'), outgoing: [], learners: ids('d') })
    const joint = nextMembership(added, yes) ?? added
    expect(joint).toMatchObject({ voters: ids('abcd'), outgoing: ids('abc'), learners: [] })
    expect(nextMembership(joint, no)).toEqual(membership('abcd'))
    const removed = beginChange(membership('abcd'), { voters: ids('abc'), learners: [] }, NOWHERE, no)
    expect(removed).toMatchObject({ voters: ids('abc'), outgoing: ids('abcd') })
    expect(nextMembership(removed, no)).toEqual(membership('abc'))
  })

  it('waits only for new voters: a removal begins with the joint membership', () => {
    const begun = beginChange(membership('abc'), { voters: ids('ab'), learners: [] }, NOWHERE, no)
    expect(begun).toMatchObject({ voters: ids('ab'), outgoing: ids('abc') })
  })

  it('is one step where no voter changes', () => {
    const goal = { voters: ids('abc'), learners: ids('d') }
    expect(beginChange(membership('abc'), goal, NOWHERE, no)).toEqual(
      membership('abc', { learners: ids('d') }),
    )
  })

  it('makes a voter a learner only when its vote is gone', () => {
    const joint = beginChange(membership('abc'), { voters: ids('ab'), learners: ids('c') }, NOWHERE, yes)
    expect(joint).toMatchObject({ outgoing: ids('abc'), learners: [] })
    expect(nextMembership(joint, yes)).toEqual(membership('ab', { learners: ids('c') }))
  })

  it('forgets learners and addresses of whoever is not part of it', () => {
    const from = membership('abc', { learners: ids('x') })
    const addresses = new Map([
      ['a', '1'],
      ['d', '2'],
    ])
    const begun = beginChange(from, { voters: ids('bcd'), learners: [] }, addresses, no)
    expect(begun.learners).toEqual(['d'])
    const joint = nextMembership(begun, yes) ?? from
    expect(nextMembership(joint, yes)?.addresses).toEqual(new Map([['d', '2']]))
  })
})

describe('what is wanted', () => {
  const at = (change: object): MembershipChange =>
    ({ addresses: NOWHERE, ...change }) as unknown as MembershipChange
  const goals: [MembershipChange, string, string][] = [
    [at({ type: 'set', voters: ids('ca'), learners: ids('e') }), 'ac', 'e'],
    [at({ type: 'add', id: 'd', role: 'voter' }), 'abcd', 'x'],
    [at({ type: 'add', id: 'd', role: 'learner' }), 'abc', 'dx'],
    [at({ type: 'add', id: 'x', role: 'voter' }), 'abcx', ''],
    [at({ type: 'add', id: 'c', role: 'learner' }), 'ab', 'cx'],
    [at({ type: 'remove', id: 'a' }), 'bc', 'x'],
    [at({ type: 'remove', id: 'x' }), 'abc', ''],
    [at({ type: 'remove', id: 'nobody' }), 'abc', 'x'],
    [at({ type: 'replace', old: 'a', by: 'd' }), 'bcd', 'x'],
    [at({ type: 'replace', old: 'x', by: 'y' }), 'abc', 'y'],
    [at({ type: 'replace', old: 'a', by: 'x' }), 'bcx', ''],
  ]

  it.each(goals)('%o of abc with learner x', (change, voters, learners) => {
    const from = membership('abc', { learners: ids('x') })
    const plan = planChange(from, change)
    const goal = { voters: ids(voters), learners: ids(learners) }
    expect(plan).toEqual({ goal })
    const joint = beginChange(from, goal, NOWHERE, yes)
    const final = nextMembership(joint, yes) ?? joint
    expect(progressOf(change, final)).toBe('reached')
    // Again: nothing changes.
    expect(planChange(final, change)).toEqual({ goal })
  })

  it('counts from what is being worked towards, so that two changes at once both happen', () => {
    const from = membership('abc', { learners: ids('d'), goal: { voters: ids('abcd'), learners: [] } })
    expect(planChange(from, at({ type: 'add', id: 'e', role: 'voter' }))).toEqual({
      goal: { voters: ids('abcde'), learners: [] },
    })
  })

  it('is refused where it makes no sense', () => {
    expect(planChange(membership('a'), at({ type: 'remove', id: 'a' }))).toHaveProperty('problem')
    expect(planChange(membership('ab'), at({ type: 'replace', old: 'x', by: 'y' }))).toHaveProperty('problem')
    expect(planChange(membership('ab'), at({ type: 'set', voters: [], learners: [] }))).toHaveProperty(
      'problem',
    )
  })

  it('is under way, reached or replaced', () => {
    const add = at({ type: 'add', id: 'd', role: 'voter' })
    expect(progressOf(add, membership('abc'))).toBe('replaced')
    expect(progressOf(add, membership('abc', { goal: { voters: ids('abcd'), learners: [] } }))).toBe(
      'under-way',
    )
    expect(progressOf(add, membership('abcd'))).toBe('reached')
    const moved = { ...add, addresses: new Map([['d', 'there']]) }
    expect(progressOf(moved, membership('abcd'))).toBe('replaced')
    expect(progressOf(moved, membership('abcd', { addresses: new Map([['d', 'there']]) }))).toBe('reached')
  })
})

it('the memberships of a log are found by index, cut off and compacted', () => {
  const log = new MembershipLog(0, 0, membership('a'))
  log.append(5, 1, membership('ab'))
  log.append(9, 2, membership('abc'))
  const voters = (index: number): number => log.at(index).membership.voters.length
  expect([0, 4, 5, 8, 9, 99].map(voters)).toEqual([1, 1, 2, 2, 3, 3])
  expect(log.between(0, 9).map(({ index }) => index)).toEqual([5, 9])
  log.truncateFrom(9)
  expect(log.latest.index).toBe(5)
  log.append(7, 3, membership('abc'))
  log.compact(6)
  expect([0, 6, 7].map(voters)).toEqual([2, 2, 3])
  log.truncateFrom(1)
  expect(log.latest.index).toBe(5)
})
