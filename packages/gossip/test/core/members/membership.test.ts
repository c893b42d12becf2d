import { describe, expect, it } from 'vitest'
import type { Member, Verdict } from '../../../src/core/members/member.ts'
import { timingOf } from '../../../src/core/profiles.ts'
import { readUpdate } from '../../../src/core/wire/member-update.ts'
import { TAGS } from '../../../src/core/wire/tags.ts'
import { ByteReader } from '@colony/host'
import { news, OneCore, type SentSection } from '../one-core.ts'

function updatesIn(section: SentSection | undefined) {
  const reader = new ByteReader(section!.body)
  const updates = []
  while (reader.remaining > 0) updates.push(readUpdate(reader, 'me')!)
  return updates
}

describe('news of others', () => {
  it('lets a member join, be suspected, recover, fail, return and leave, and tells each once', () => {
    const one = new OneCore()
    one.hearNews('b', news('a', 'alive'))
    one.hearNews('c', news('a', 'alive'))
    expect(one.told('a')).toEqual(['join'])
    one.hearNews('b', news('a', 'suspect', 0, { accuser: 'b' }))
    one.hearNews('b', news('a', 'alive', 1))
    one.hearNews('b', news('a', 'suspect', 0, { accuser: 'b' }))
    expect(one.told('a')).toEqual(['suspect', 'recover'])
    one.hearNews('b', news('a', 'failed', 1, { accuser: 'b' }))
    expect([one.told('a'), one.core.members.size]).toEqual([['fail'], 1])
    one.hearNews('b', news('a', 'alive', 1))
    expect(one.told('a')).toEqual([])
    one.hearNews('a', news('a', 'alive', 2))
    one.hearNews('a', news('a', 'left', 3))
    expect([one.told('a'), one.status('a')]).toEqual([['join', 'leave'], 'left'])
    one.hearNews('a', news('a', 'alive', 4))
    expect(one.status('a')).toBe('left')
    one.hearNews('a', news('a', 'alive', 0, { epoch: 2 }))
    expect(one.told('a')).toEqual(['join'])
  })

  it('tells nobody of the end of a life of which nothing was heard while it lasted', () => {
    const one = new OneCore()
    one.hearNews('a', news('a', 'alive'))
    one.hearNews('a', news('a', 'left', 1))
    expect(one.told('a')).toEqual(['join', 'leave'])
    one.hearNews('b', news('a', 'failed', 0, { epoch: 2, accuser: 'b' }))
    one.hearNews('b', news('a', 'left', 1, { epoch: 2 }))
    expect([one.told('a'), one.status('a')]).toEqual([[], 'left'])
    one.hearNews('a', news('a', 'alive', 0, { epoch: 3 }))
    one.hearNews('a', news('a', 'left', 1, { epoch: 3 }))
    expect(one.told('a')).toEqual(['join', 'leave'])
  })

  it('follows a member to its new address at a newer incarnation only', () => {
    const one = new OneCore()
    one.meet('a')
    one.hearNews('b', news('a', 'alive', 1, { address: 'elsewhere', zone: 'z' }))
    const move = one.events.find((event) => event.type === 'move')
    expect(move).toMatchObject({ member: { address: 'elsewhere', zone: 'z' }, previous: { address: 'at-a' } })
    expect(one.core.member('a')?.address).toBe('elsewhere')
  })

  it('learns the address of an incarnation that it knows from a complaint', () => {
    const one = new OneCore()
    one.meet('a')
    one.hearNews('b', news('a', 'suspect', 1, { accuser: 'b' }))
    one.hearNews('c', news('a', 'alive', 1, { address: 'elsewhere' }))
    expect(one.core.member('a')).toMatchObject({ status: 'suspect', address: 'elsewhere' })
    expect(one.events.some((event) => event.type === 'conflict')).toBe(false)
  })

  it('takes no complaint about somebody unknown for a member, and believes it against older good news', () => {
    const one = new OneCore()
    one.hearNews('b', news('a', 'suspect', 3, { accuser: 'b' }))
    one.hearNews('b', news('a', 'failed', 3, { accuser: 'b' }))
    one.hearNews('c', news('a', 'alive', 3))
    expect([one.status('a'), one.core.drops]).toEqual([
      undefined,
      { 'update-of-unknown': 1, 'below-floor': 1 },
    ])
    one.hearNews('a', news('a', 'alive', 4))
    expect(one.status('a')).toBe('alive')
  })

  it('never learns again what was forgotten', () => {
    const one = new OneCore({ timing: timingOf('lan', { reapAfterMs: 10_000 }) })
    one.meet('a', 'b')
    one.hearNews('b', news('a', 'left', 1))
    one.wait(60_000)
    expect(one.core.member('a')).toBeUndefined()
    expect(one.told('a')).toEqual(['join', 'leave', 'forget'])
    one.hearNews('b', news('a', 'alive', 1))
    expect(one.core.member('a')).toBeUndefined()
    one.hearNews('b', news('a', 'alive', 0, { epoch: 2 }))
    expect(one.status('a')).toBe('alive')
  })

  it('knows no more members than its limit', () => {
    const one = new OneCore({ maxMembers: 3 })
    one.meet('a', 'b', 'c', 'd')
    expect([one.core.members.size, one.core.drops['too-many-members']]).toEqual([3, 2])
  })

  it('believes no epoch that is far ahead of its own', () => {
    const one = new OneCore()
    one.hearNews(
      'b',
      news('a', 'alive', 0, { epoch: 2 ** 40 - 2 }),
      news('me', 'suspect', 0, { epoch: 2 ** 40 - 2 }),
    )
    expect([one.status('a'), one.core.drops]).toEqual([undefined, { 'epoch-far-ahead': 2 }])
    expect(one.core.member('me')?.incarnation).toEqual({ epoch: 1, counter: 0 })
  })

  it('takes in only whom it may', () => {
    const asked: Member[] = []
    const admit = (member: Member): boolean => asked.push(member) > 0 && member.id !== 'b'
    const one = new OneCore({ admit })
    one.meet('a', 'b')
    one.hearNews('a', news('a', 'alive', 1))
    expect([one.core.members.size, asked.length, one.core.drops]).toEqual([2, 2, { refused: 1 }])
  })
})

describe('news of oneself', () => {
  it('refutes complaints above what was said, and tells the accuser at once', () => {
    const one = new OneCore()
    one.meet('a')
    one.sent = []
    one.hearNews('a', news('me', 'suspect', 4, { accuser: 'a' }))
    expect(one.core.member('me')).toMatchObject({ status: 'alive', incarnation: { epoch: 1, counter: 5 } })
    expect(updatesIn(one.take(TAGS.updates, 'a'))[0]).toMatchObject({
      id: 'me',
      status: 'alive',
      address: 'at-me',
      incarnation: { epoch: 1, counter: 5 },
    })
    expect([one.core.counters.refutations, one.core.health.score]).toEqual([1, 1])
    one.hearNews('a', news('me', 'failed', 4, { accuser: 'a' }))
    expect(one.core.counters.refutations).toBe(1)
  })

  it('goes on above its past lives, without blame', () => {
    const one = new OneCore()
    one.hearNews('a', news('me', 'failed', 9, { epoch: 7, accuser: 'a' }))
    expect(one.core.member('me')?.incarnation).toEqual({ epoch: 8, counter: 0 })
    one.hearNews('a', news('me', 'alive', 20, { epoch: 8, address: 'at-me' }))
    expect(one.core.member('me')?.incarnation).toEqual({ epoch: 8, counter: 21 })
    one.hearNews('a', news('me', 'alive', 3, { epoch: 10, address: 'at-past' }))
    expect(one.core.member('me')?.incarnation).toEqual({ epoch: 11, counter: 0 })
    expect([one.core.health.score, one.events.filter((event) => event.type === 'conflict')]).toEqual([0, []])
  })

  it('obeys when it is removed, and says so', () => {
    const one = new OneCore()
    one.meet('a')
    one.hearNews('a', news('me', 'left', 2 ** 24 - 1, { accuser: 'a' }))
    expect([one.status('me'), one.told('me')]).toEqual(['left', ['leave']])
    one.hearNews('a', news('me', 'suspect', 2 ** 24 - 1, { accuser: 'a' }))
    expect(one.status('me')).toBe('left')
  })
})

describe('two processes that claim one id', () => {
  it('are told of where both speak at once, and nobody is accused', () => {
    const one = new OneCore()
    one.meet('a', 'b')
    one.hearNews('b', news('a', 'alive', 0, { address: 'other' }))
    one.hearNews('b', news('a', 'alive', 0, { address: 'other' }))
    expect(one.events.filter((event) => event.type === 'conflict')).toEqual([
      { type: 'conflict', id: 'a', addresses: ['at-a', 'other'] },
    ])
    expect([one.status('a'), one.status('b')]).toEqual(['alive', 'alive'])
  })

  it('are found by a third one when the id moves to and fro', () => {
    const one = new OneCore()
    one.meet('a')
    one.hearNews('b', news('a', 'alive', 1, { address: 'other' }))
    expect(one.told('a')).toEqual(['join', 'move'])
    one.hearNews('b', news('a', 'alive', 2))
    expect(one.told('a').sort()).toEqual(['conflict', 'move'])
  })

  it('do not fight for ever: one of them holds the id, the other is told', () => {
    const one = new OneCore({ epoch: 9 })
    const other = new OneCore({ epoch: 2, address: 'at-other' })
    const words: string[] = []
    for (let round = 0; round < 6; round++) {
      for (const [speaker, listener] of [
        [one, other],
        [other, one],
      ] as const) {
        listener.hearNews('x', { ...speaker.core.member('me')!, accuser: 'me' })
        words.push(JSON.stringify(listener.core.member('me')!.incarnation))
      }
    }
    expect(words.at(-1)).toBe(words[1])
    expect(one.core.member('me')!.incarnation.epoch).toBeGreaterThan(
      other.core.member('me')!.incarnation.epoch,
    )
    expect(other.events).toEqual([{ type: 'conflict', id: 'me', addresses: ['at-other', 'at-me'] }])
  })

  it('of which one has run for long, are settled at once: the later life has the id', () => {
    const one = new OneCore()
    one.wait(120_000)
    one.hearNews('a', news('me', 'alive', 0, { epoch: 5, address: 'at-new' }))
    expect(one.core.member('me')?.incarnation).toEqual({ epoch: 1, counter: 0 })
    expect(one.events).toEqual([{ type: 'conflict', id: 'me', addresses: ['at-me', 'at-new'] }])
  })

  it('in the same life, are settled by their addresses', () => {
    const pair = ['at-1', 'at-2'].map((address) => new OneCore({ address }))
    for (let round = 0; round < 4; round++) {
      for (const [speaker, listener] of [pair, [...pair].reverse()]) {
        listener!.hearNews('x', { ...speaker!.core.member('me')!, accuser: 'me' })
      }
    }
    expect(pair.map((one) => one.core.member('me')!.incarnation.counter)).toEqual([0, 1])
    for (const one of pair) expect(one.events.filter((event) => event.type === 'conflict')).toHaveLength(1)
  })
})

describe('verdicts', () => {
  it('say who, how, and what this node knew; the last eight, and none of the quiet', () => {
    const one = new OneCore()
    one.meet('a', 'b', 'c', 'd')
    expect(one.core.explain('a')).toEqual([])
    for (let counter = 0; counter < 6; counter++) {
      one.hearNews('b', news('a', 'suspect', counter, { accuser: `x${counter}` }))
      one.hearNews('b', news('a', 'alive', counter + 1))
    }
    const verdicts = one.core.explain('a')
    expect(verdicts).toHaveLength(8)
    expect(verdicts.at(-2)).toMatchObject({
      status: 'suspect',
      path: 'gossip',
      accuser: 'x5',
      localHealth: 0,
      text: 'x5 got no answer from a',
    } satisfies Partial<Verdict>)
    expect(one.core.explain('b')).toEqual([])
  })

  it('name those who said the same', () => {
    const one = new OneCore()
    one.meet('a', 'b', 'c', 'd', 'e', 'f')
    for (const accuser of ['b', 'c', 'c', 'd', 'e']) one.hearNews('b', news('a', 'suspect', 0, { accuser }))
    one.hearNews('b', news('a', 'failed', 0, { accuser: 'f' }))
    expect(one.core.explain('a').at(-1)).toMatchObject({ status: 'failed', confirmations: ['c', 'd'] })
  })
})

it('every change of a row is seen by the watch, with what was before', () => {
  const seen: string[] = []
  const one = new OneCore({
    onTransition: (id, before, after) =>
      void seen.push(`${id} ${before?.status ?? '-'} ${after?.status ?? '-'}`),
  })
  one.hearNews('a', news('a', 'alive'), news('a', 'suspect', 0, { accuser: 'b' }), news('a', 'alive', 1))
  expect(seen).toEqual(['me - alive', 'a - alive', 'a alive suspect', 'a suspect alive'])
})
