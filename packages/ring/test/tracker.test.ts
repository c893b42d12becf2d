import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRing } from '../src/index.ts'
import type { MemberEventType } from '../src/membership/events.ts'
import { follow, ids, type Server } from './tracked.ts'

describe('settling', () => {
  it('makes one change of many events', () => {
    const { tracker, clock, changes, say } = follow()
    for (const id of 'cab') say('alive', id)
    clock.advance(199)
    expect([ids(tracker), changes.length]).toEqual(['', 0])
    clock.advance(1)
    expect([ids(tracker), changes.length]).toEqual(['abc', 1])
    expect(tracker.ring.fingerprint).toBe(createRing([{ id: 'a' }, { id: 'b' }, { id: 'c' }]).fingerprint)
    expect(clock.pending).toBe(0)
  })

  it('waits until nothing has changed for a while', () => {
    const { tracker, clock, say } = follow({ settleMs: 100 })
    say('alive', 'a')
    clock.advance(60)
    say('alive', 'b')
    clock.advance(99)
    expect(ids(tracker)).toBe('')
    clock.advance(1)
    expect(ids(tracker)).toBe('ab')
  })

  it('but not for ever, and arms few timers', () => {
    const { clock, changes, say } = follow({ settleMs: 100 })
    for (let step = 0; step < 1000; step++) {
      say('alive', `n${step}`)
      clock.advance(1)
    }
    // Five times settleMs after the first event that each of them holds.
    expect(changes.map(({ ring }) => ring.nodes.length)).toEqual([500, 1000])
    expect(clock.armed).toBeLessThan(30)
  })

  it('keeps to the limit it is given', () => {
    const { clock, changes, say } = follow({ settleMs: 100, maxSettleMs: 130 })
    say('alive', 'a')
    clock.advance(90)
    say('alive', 'b')
    clock.advance(39)
    expect(changes).toHaveLength(0)
    clock.advance(1)
    expect(changes).toHaveLength(1)
  })

  it('news that changes nothing does not put it off', () => {
    const { clock, changes, say } = follow({ settleMs: 100 })
    say('alive', 'a', { incarnation: 1 })
    clock.advance(90)
    say('alive', 'a', { incarnation: 1 })
    say('suspect', 'a', { incarnation: 1 })
    clock.advance(10)
    expect(changes).toHaveLength(1)
    say('suspect', 'a', { incarnation: 1 })
    expect(clock.pending).toBe(0)
  })

  it('publishes at once when it is told to', () => {
    const { tracker, clock, changes, say } = follow()
    tracker.flush()
    say('alive', 'a')
    tracker.flush()
    expect([ids(tracker), changes.length, clock.pending]).toEqual(['a', 1, 0])
    clock.advance(10_000)
    expect(changes).toHaveLength(1)
  })

  it('publishes nothing when all is as it was', () => {
    const { tracker, clock, changes, say } = follow()
    say('alive', 'a', { incarnation: 1, meta: { url: 'u' } })
    say('alive', 'b', { incarnation: 1 })
    tracker.flush()
    const { ring } = tracker
    say('failed', 'a', { incarnation: 1 })
    say('alive', 'a', { incarnation: 2, meta: { url: 'u' } })
    say('alive', 'c')
    say('left', 'c')
    clock.advance(1000)
    expect(changes).toHaveLength(1)
    expect(tracker.ring).toBe(ring)
  })
})

describe('who is a member', () => {
  it('a suspect is, one who failed or left is not', () => {
    const { tracker, say } = follow()
    for (const id of 'abcd') say('alive', id)
    say('suspect', 'a')
    say('failed', 'b')
    say('left', 'c')
    tracker.flush()
    expect(ids(tracker)).toBe('ad')
  })

  it.each([
    ['a late leave of an earlier life is ignored', 'alive 2, left 1', 'a'],
    ['so is a late failure', 'alive 2, failed 1', 'a'],
    ['and late life after a leave', 'left 2, alive 1', ''],
    ['at equal incarnations a leave wins', 'alive 2, left 2', ''],
    ['also when it came first', 'left 2, alive 2', ''],
    ['and a failure', 'failed 2, alive 2', ''],
    ['a newer life brings back', 'left 2, alive 3', 'a'],
    ['even if all that is heard of it is a suspicion', 'failed 2, suspect 3', 'a'],
    ['whoever was first heard of as a suspect is there', 'suspect 1', 'a'],
    ['without incarnations the last word counts', 'alive, left, alive', 'a'],
    ['and a leave is one', 'alive, updated, left', ''],
    ['a suspicion brings nobody back', 'alive, failed, suspect', ''],
    ['nor do new data', 'alive, left, updated', ''],
    ['one without an incarnation counts in its order', 'alive 7, left', ''],
    ['and forgets no incarnation', 'alive 7, left, alive, left 6', 'a'],
    ['incarnations beyond 2^53 are told apart', 'alive 9007199254740993n, left 9007199254740992n', 'a'],
    ['numbers and bigints compare', 'alive 2n, left 1', 'a'],
  ])('%s', (_name, events, expected) => {
    const { tracker, say } = follow()
    for (const event of events.split(', ')) {
      const [type, text] = event.split(' ') as [MemberEventType, string | undefined]
      const incarnation = text?.endsWith('n') === true ? BigInt(text.slice(0, -1)) : text && Number(text)
      say(type, 'a', incarnation === undefined || incarnation === '' ? {} : { incarnation })
    }
    tracker.flush()
    expect(ids(tracker)).toBe(expected)
  })

  it('with incarnations the order of the news does not matter', () => {
    const event = fc.record({
      type: fc.constantFrom<MemberEventType>('alive', 'suspect', 'updated', 'failed', 'left'),
      id: fc.constantFrom('a', 'b'),
      incarnation: fc.integer({ min: 0, max: 4 }),
    })
    const orders = fc
      .array(event, { minLength: 1, maxLength: 8 })
      .chain((events) =>
        fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length })),
      )
    const property = fc.property(orders, ([first, second]) => {
      const [a, b] = [follow(), follow()]
      for (const { type, id, incarnation } of first) a.say(type, id, { incarnation })
      for (const { type, id, incarnation } of second) b.say(type, id, { incarnation })
      a.tracker.flush()
      b.tracker.flush()
      expect(ids(a.tracker)).toBe(ids(b.tracker))
    })
    fc.assert(property, { seed: 7, numRuns: 500 })
  })

  it('begins with the nodes and options of a ring, until there is news of them', () => {
    const nodes = [{ id: 'a', url: 'old' }, { id: 'b' }, { id: 'c' }]
    const ring = createRing<Server>(nodes, { vnodes: 40, seed: 9 })
    const { tracker, changes, say } = follow({ ring })
    expect(tracker.ring).toBe(ring)
    say('left', 'b')
    say('alive', 'c')
    say('alive', 'a', { meta: { url: 'new' } })
    tracker.flush()
    expect(tracker.ring.nodes).toEqual([{ id: 'a', url: 'new' }, { id: 'c' }])
    expect(tracker.ring.node('c')).toBe(nodes[2])
    expect([tracker.ring.vnodes, tracker.ring.seed]).toEqual([40, 9])
    expect(changes[0]?.previous).toBe(ring)
    say('left', 'a')
    say('left', 'c')
    tracker.flush()
    expect(ids(tracker)).toBe('')
  })
})

describe('nodes', () => {
  it('are made of the latest data', () => {
    const { tracker, changes, say } = follow()
    say('alive', 'a', { meta: { weight: 2 }, incarnation: 1 })
    say('suspect', 'a', { incarnation: 2 })
    tracker.flush()
    expect(tracker.ring.nodes).toEqual([{ id: 'a', weight: 2 }])
    say('updated', 'a', { meta: { weight: 3 }, incarnation: 1 })
    tracker.flush()
    expect(changes).toHaveLength(1)
    say('updated', 'a', { meta: { weight: 3 }, incarnation: 2 })
    tracker.flush()
    expect(tracker.ring.nodes).toEqual([{ id: 'a', weight: 3 }])
  })

  it('are published when only their other data change, with an empty plan', () => {
    const { tracker, changes, say } = follow()
    say('alive', 'a', { meta: { url: '1' } })
    say('alive', 'b', { meta: { url: '2' } })
    tracker.flush()
    say('updated', 'a', { meta: { url: '3' } })
    tracker.flush()
    expect(tracker.ring.node('a')?.url).toBe('3')
    expect(changes[1]?.plan.moved).toBe(0)
    expect(changes[1]?.ring.node('b')).toBe(changes[0]?.ring.node('b'))
  })

  it('stay the objects they were while their data do', () => {
    const { tracker, say } = follow()
    say('alive', 'a', { meta: { url: '1' } })
    tracker.flush()
    const node = tracker.ring.node('a')
    say('updated', 'a', { meta: { url: '1', role: 'server' } })
    say('alive', 'b')
    tracker.flush()
    expect(tracker.ring.node('a')).toBe(node)
  })

  it('need not be made of everybody', () => {
    const { tracker, say } = follow()
    say('alive', 'a')
    say('alive', 'b', { meta: { role: 'client' } })
    tracker.flush()
    expect(ids(tracker)).toBe('a')
    say('updated', 'a', { meta: { role: 'client' } })
    say('updated', 'b', { meta: { role: 'server' } })
    tracker.flush()
    expect(ids(tracker)).toBe('b')
  })

  it('of two members that are one node, the latest counts', () => {
    const { tracker, say } = follow({
      toNode: ({ id, meta }) => ({ id: id.slice(0, 1), url: meta?.url ?? id }),
    })
    say('alive', 'a-1')
    say('alive', 'a-2')
    say('suspect', 'a-1')
    tracker.flush()
    expect(tracker.ring.nodes).toEqual([{ id: 'a', url: 'a-2' }])
    say('left', 'a-1')
    tracker.flush()
    expect(tracker.ring.nodes).toEqual([{ id: 'a', url: 'a-2' }])
  })

  it('that cannot be made are reported and stay as they were', () => {
    const { tracker, errors, say } = follow({
      toNode: ({ id, meta }) => {
        if (meta?.role === 'broken') throw new Error('no such role')
        return { id, weight: meta?.weight ?? 1 }
      },
    })
    say('alive', 'a', { meta: { weight: 2 } })
    say('alive', 'b', { meta: { role: 'broken' } })
    say('alive', 'c', { meta: { weight: -1 } })
    tracker.flush()
    say('updated', 'a', { meta: { role: 'broken' } })
    say('alive', 'd', { meta: { weight: 1e9 } })
    say('alive', 'e')
    tracker.flush()
    expect(tracker.ring.nodes).toEqual([
      { id: 'a', weight: 2 },
      { id: 'e', weight: 1 },
    ])
    expect(errors.map(({ origin }) => origin)).toEqual(['toNode', 'toNode', 'toNode', 'toNode'])
    expect(errors[0]?.message).toContain('no such role')
    expect(errors[3]?.message).toContain('RING_INVALID_NODE')
  })
})
