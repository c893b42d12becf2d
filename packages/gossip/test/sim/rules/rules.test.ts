import { describe, expect, it } from 'vitest'
import type { CoreEvent } from '../../../src/core/core-event.ts'
import type { GossipCore } from '../../../src/core/gossip-core.ts'
import type { Member, MemberStatus, Verdict } from '../../../src/core/members/member.ts'
import { MAX_COUNTER } from '../../../src/core/members/incarnation.ts'
import { OwnerState } from '../../../src/core/state/owner-state.ts'
import { BoundRules } from './bounds.ts'
import { CopyRules } from './copies.ts'
import type { Facts, RuleName, Watcher } from './facts.ts'
import { Found } from './found.ts'
import { IncarnationRules } from './incarnations.ts'
import { MessageRules } from './messages.ts'
import { SelfRules } from './self.ts'
import { SharedRules } from './shared-values.ts'
import { StatusRules } from './statuses.ts'
import { EventRules } from './told-events.ts'
import { VerdictRules } from './verdicts.ts'

function member(id: string, epoch: number, counter: number, status: MemberStatus = 'alive'): Member {
  return { id, address: id, zone: '', incarnation: { epoch, counter }, status }
}

/** Has `b` say its own words, then `a` learn these one after the other: what is broken. */
function learned(make: (facts: Facts) => Watcher, ...words: readonly (Member | undefined)[]): RuleName[] {
  const found = new Found()
  const rule = make(found)
  rule.onBoot?.('a', 1)
  rule.onBoot?.('b', 1)
  for (const own of [member('b', 5, 0), member('b', 5, 3), member('b', 6, 0)])
    rule.onChange?.({ observer: 'b', id: 'b', before: undefined, after: own })
  let before: Member | undefined
  for (const after of words) {
    rule.onChange?.({ observer: 'a', id: 'b', before, after })
    before = after
  }
  return found.rules
}

const incarnations = (facts: Facts): Watcher => new IncarnationRules(facts)
const statuses = (facts: Facts): Watcher => new StatusRules(facts)

describe('the rules of incarnations', () => {
  it('allow newer words, complaints, a new life, a goodbye, and forgetting', () => {
    expect(learned(incarnations, member('b', 5, 0), member('b', 5, 0, 'suspect'), member('b', 5, 3))).toEqual(
      [],
    )
    expect(learned(incarnations, member('b', 5, 3), member('b', 6, 0))).toEqual([])
    expect(learned(incarnations, member('b', 5, 3), member('b', 5, 1, 'left'))).toEqual([])
    expect(learned(incarnations, member('b', 5, 0), undefined, member('b', 6, 0))).toEqual([])
  })

  it('see an older word, and an older life', () => {
    const rule: RuleName = 'incarnations never go back'
    expect(learned(incarnations, member('b', 5, 3), member('b', 5, 2))).toEqual([rule])
    expect(learned(incarnations, member('b', 6, 0), member('b', 5, 3))).toEqual([rule])
  })

  it('see a word that nobody said, but not the removal of a life', () => {
    expect(learned(incarnations, member('b', 6, 1))).toEqual(['nobody invents incarnations'])
    expect(learned(incarnations, member('b', 6, MAX_COUNTER))).toEqual(['nobody invents incarnations'])
    expect(learned(incarnations, member('b', 6, MAX_COUNTER, 'left'))).toEqual([])
    expect(learned(incarnations, member('b', 9, MAX_COUNTER, 'left'))).toEqual([
      'nobody invents incarnations',
    ])
  })

  it('see that the forgotten are learned again', () => {
    expect(learned(incarnations, member('b', 5, 3), undefined, member('b', 5, 3))).toEqual([
      'what was forgotten is not learned again',
    ])
  })
})

describe('the rules of statuses', () => {
  const from = (one: MemberStatus, two: Member): RuleName[] => learned(statuses, member('b', 5, 1, one), two)

  it('allow complaints, goodbyes, refutations and new lives', () => {
    for (const [one, two] of [
      ['alive', 'suspect'],
      ['alive', 'failed'],
      ['alive', 'left'],
      ['suspect', 'failed'],
      ['suspect', 'left'],
      ['failed', 'left'],
    ] as const)
      expect(from(one, member('b', 5, 1, two))).toEqual([])
    expect(from('suspect', member('b', 5, 2))).toEqual([])
    expect(from('failed', member('b', 5, 2))).toEqual([])
    expect(from('left', member('b', 6, 0))).toEqual([])
  })

  it('see a suspicion that is taken back without a word of the member', () => {
    expect(from('suspect', member('b', 5, 1))).toEqual(['members change as they may'])
  })

  it('see the dead come back by an old message', () => {
    expect(from('failed', member('b', 5, 1))).toContain('the dead stay dead')
    expect(from('failed', member('b', 5, 0, 'suspect'))).toContain('the dead stay dead')
  })

  it('see somebody come back in the life that it said goodbye to', () => {
    expect(from('left', member('b', 5, 9))).toEqual(['who left comes back only in a new life'])
  })

  it('see that a goodbye is taken for a death', () => {
    expect(from('left', member('b', 5, 1, 'failed'))).toEqual(['members change as they may'])
  })
})

function verdict(about: Member, change: Partial<Verdict> = {}): Verdict {
  const { status, incarnation } = about
  const plain = {
    at: 1,
    path: 'direct',
    accuser: 'a',
    confirmations: ['c'],
    localHealth: 0,
    text: 'why',
  } as const
  return { ...plain, status, incarnation, ...change }
}

function told(event: CoreEvent): RuleName[] {
  const found = new Found()
  new VerdictRules(found, 500).onEvent('a', event)
  return found.rules
}

describe('the rule of evidence', () => {
  const failed = member('b', 5, 1, 'failed')
  const fail = (change: Partial<Verdict>): RuleName[] =>
    told({ type: 'fail', member: failed, why: verdict(failed, change) })

  it('allows a verdict with an accuser, others and words', () => {
    expect(fail({})).toEqual([])
    const alive = member('b', 5, 1)
    expect(told({ type: 'join', member: alive, why: verdict(alive, { path: 'self' }) })).toEqual([])
  })

  for (const [what, change] of [
    ['nobody accuses', { accuser: '' }],
    ['it has no words', { text: '' }],
    ['it is of another word', { incarnation: { epoch: 5, counter: 0 } }],
    ['it is of another status', { status: 'suspect' }],
    ['the accuser confirms itself', { confirmations: ['a'] }],
    ['the accused confirms it', { confirmations: ['b'] }],
    ['one confirms it twice', { confirmations: ['c', 'c'] }],
    ['the accused accused itself', { path: 'self' }],
    ['local health is out of range', { localHealth: 9 }],
  ] as const) {
    it(`sees that ${what}`, () => {
      expect(new Set(fail(change))).toEqual(new Set(['verdicts have evidence']))
    })
  }
})

/** A core as far as rules look at one. */
function core(members: readonly Member[], parts: object = {}): GossipCore {
  const table = {
    all: () => members,
    get: (id: string) => members.find((one) => one.id === id),
    present: () => members.filter(({ id }) => id !== 'a').map(({ id }) => id),
  }
  return { members: table, backlogBytes: 0, copyOf: () => undefined, ...parts } as unknown as GossipCore
}

describe('the rule of events', () => {
  const told = (member: Member, ...types: readonly ('join' | 'suspect' | 'fail' | 'leave')[]): Found => {
    const found = new Found()
    const rule = new EventRules(found)
    rule.onBoot('a')
    for (const type of types) {
      const status = { join: 'alive', suspect: 'suspect', fail: 'failed', leave: 'left' } as const
      const now = { ...member, status: status[type] }
      rule.onEvent('a', { type, member: now, why: verdict(now) })
    }
    rule.onStep('a', core([member]))
    return found
  }

  it('allows that events add up to the table', () => {
    expect(told(member('b', 5, 0), 'join').rules).toEqual([])
    expect(told(member('b', 5, 0, 'failed'), 'join', 'suspect', 'fail').rules).toEqual([])
    expect(told(member('b', 5, 0, 'failed')).rules).toEqual([])
  })

  it('sees a change that was not told, one that was told twice, and a death without a join', () => {
    expect(told(member('b', 5, 0)).rules).toHaveLength(1)
    expect(told(member('b', 5, 0), 'join', 'join').rules).toHaveLength(1)
    expect(told(member('b', 5, 0, 'failed'), 'fail').rules).toHaveLength(1)
    expect(told(member('b', 5, 0, 'failed'), 'join').rules).toHaveLength(1)
  })
})

describe('the rules of oneself and of bounds', () => {
  const step = (self: Member, parts: object = {}): RuleName[] => {
    const found = new Found()
    new SelfRules(found).onStep('a', core([self], parts))
    new BoundRules(found, { packetBytes: 10, streamBytes: 20 }).onStep('a', core([self], parts))
    return found.rules
  }

  it('allow a node that is alive, and one that has left', () => {
    expect(step(member('a', 1, 0))).toEqual([])
    expect(step(member('a', 1, 1, 'left'))).toEqual([])
  })

  it('see a node that believes a complaint, and one that tells too much', () => {
    expect(step(member('a', 1, 0, 'suspect'))).toEqual(['a node knows itself'])
    expect(step(member('a', 1, 0), { backlogBytes: 2 ** 21 })).toEqual(['queues are bounded'])
  })

  it('see a packet that is too long, by its way', () => {
    const found = new Found()
    const rule = new BoundRules(found, { packetBytes: 10, streamBytes: 20 })
    rule.onSend('a', { to: 'b', bytes: new Uint8Array(10), path: 'datagram' })
    rule.onSend('a', { to: 'b', bytes: new Uint8Array(20), path: 'stream' })
    expect(found.rules).toEqual([])
    rule.onSend('a', { to: 'b', bytes: new Uint8Array(11), path: 'datagram' })
    rule.onSend('a', { to: 'b', bytes: new Uint8Array(21), path: 'stream' })
    expect(found.rules).toEqual(['packets fit', 'packets fit'])
  })
})

type Write = readonly [key: string, value: string | undefined, version: number]

function copy(life: number, ...writes: readonly Write[]): OwnerState {
  const state = new OwnerState(life)
  for (const [key, text, version] of writes)
    state.put({ key, value: text === undefined ? undefined : new TextEncoder().encode(text), version, at: 0 })
  return state
}

describe('the rule of copies', () => {
  const OWN: readonly Write[] = [
    ['x', '1', 1],
    ['y', '2', 2],
    ['x', '3', 3],
    ['y', undefined, 4],
  ]
  /** `b` writes all, step by step; then `a` shows these copies, one after the other. */
  const shown = (...copies: readonly OwnerState[]): RuleName[] => {
    const found = new Found()
    const rule = new CopyRules(found)
    rule.onBoot('a')
    rule.onBoot('b')
    const look = (node: string, state: OwnerState): void =>
      rule.onStep(node, core([], { copyOf: (owner: string) => (owner === 'b' ? state : undefined) }))
    for (let count = 1; count <= OWN.length; count++) look('b', copy(7, ...OWN.slice(0, count)))
    for (const state of copies) look('a', state)
    return found.rules
  }

  it('allows every prefix, also one that lacks what was written over since', () => {
    for (let count = 1; count <= OWN.length; count++)
      expect(shown(copy(7, ...OWN.slice(0, count)))).toEqual([])
    const partial = copy(7)
    partial.version = 2
    expect(shown(partial)).toEqual([])
  })

  it('sees a gap, a value that nobody wrote, and one above the version', () => {
    const gap = copy(7, ['y', undefined, 4])
    expect(shown(gap)).toEqual(['copies are what their owner wrote'])
    expect(shown(copy(7, ['x', '9', 1]))).toContain('copies are what their owner wrote')
    const ahead = copy(7, ['x', '1', 1])
    ahead.version = 0
    expect(shown(ahead)).toContain('copies are what their owner wrote')
  })

  it('sees a deleted key that is there', () => {
    const state = copy(7, ['y', '2', 2], ['x', '3', 3])
    state.version = 4
    expect(shown(state)).toEqual(['deleted keys stay deleted'])
  })

  it('sees a copy that goes back, and one of a life in which nothing was written', () => {
    expect(shown(copy(7, ...OWN), copy(7, ...OWN.slice(0, 1)))).toEqual(['copies never go back'])
    expect(shown(copy(8, ['x', '1', 1]))).toEqual(['copies are what their owner wrote'])
  })
})

describe('the rules of messages and shared values', () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
  const broadcast = (from: string, text: string): CoreEvent => {
    return { type: 'broadcast', from, topic: 't', payload: bytes(text), lamport: 1 }
  }
  const messages = (...events: readonly (readonly [node: string, event: CoreEvent])[]): RuleName[] => {
    const found = new Found()
    const rule = new MessageRules(found)
    for (const node of found.nodes) rule.onBoot(node)
    rule.onAsked('a', 'broadcast', '3 hello')
    for (const [node, event] of events) rule.onEvent(node, event)
    return found.rules
  }

  it('allow a message once at each, and a count of those who have it', () => {
    const delivered = { type: 'delivered', id: 3, count: 2, done: true } as const
    expect(
      messages(['b', broadcast('a', 'hello')], ['c', broadcast('a', 'hello')], ['a', delivered]),
    ).toEqual([])
  })

  it('see it twice, from another, at its sender, and a count that is too high', () => {
    const rule: RuleName = 'messages come once, from whoever sent them'
    expect(messages(['b', broadcast('a', 'hello')], ['b', broadcast('a', 'hello')])).toEqual([rule])
    expect(messages(['b', broadcast('c', 'hello')])).toEqual([rule])
    expect(messages(['a', broadcast('a', 'hello')])).toEqual([rule])
    expect(messages(['a', { type: 'delivered', id: 3, count: 1, done: false }])).toEqual([
      'receipts are true',
    ])
  })

  it('see a shared value that nobody wrote, and one by another', () => {
    const found = new Found()
    const rule = new SharedRules(found, true)
    rule.onAsked('a', 'share', 'k v')
    rule.onEvent('b', { type: 'shared', key: 'k', value: bytes('v'), by: 'a' })
    expect(found.rules).toEqual([])
    rule.onEvent('b', { type: 'shared', key: 'k', value: bytes('w'), by: 'a' })
    rule.onEvent('b', { type: 'shared', key: 'k', value: bytes('v'), by: 'c' })
    expect(found.rules).toEqual([
      'shared values are what somebody wrote',
      'shared values are what somebody wrote',
    ])
  })
})
