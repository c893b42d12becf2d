import { describe, expect, it } from 'vitest'
import { encodeClock, encodeOpenSession } from '../../src/runtime/command-entry.ts'
import { RemoteProposals } from '../../src/runtime/remote-proposals.ts'
import type { Route } from '../../src/runtime/route.ts'
import type { DriverMessage, Forward, ForwardReply } from '../../src/runtime/wire.ts'

/** A node whose role a test sets, and what it sent. */
function setUp() {
  const sent: ForwardReply[] = []
  const route: { -readonly [Field in keyof Route]: Route[Field] } = {
    ...{
      id: 'a',
      role: 'leader',
      term: 3,
      leader: 'a',
      life: 1,
      now: 0,
      uncommitted: { entries: 0, bytes: 0 },
    },
    send: (_to: string, message: DriverMessage) => {
      if (message.type === 'forward-reply') sent.push(message)
      return true
    },
    wake: () => {},
  }
  let knowsFormat = true
  const remote = new RemoteProposals<number>(
    route,
    (value) => Uint8Array.of(value),
    100,
    () => knowsFormat,
  )
  const forward = (request: number, changes: Partial<Forward> = {}, hasRoom = true): void => {
    const data = Uint8Array.of(0, request)
    remote.onForward(
      'b',
      { type: 'forward', term: 3, life: 7, request, oldest: 1, data, ...changes },
      hasRoom,
    )
  }
  const forgetFormat = (): void => {
    knowsFormat = false
  }
  return { remote, route, sent, forward, forgetFormat }
}

describe('forwarded proposals at the leader', () => {
  it('above the limit of this node are refused for good, and without a key that is none', () => {
    const { remote, sent, forward } = setUp()
    forward(1, { data: new Uint8Array(101) })
    forward(1, { data: new Uint8Array(101) })
    expect(sent.map(({ status }) => status)).toEqual(['too-large', 'too-large'])
    forward(2, { data: Uint8Array.of(1, 0, 0, 0, 0, 0, 9) })
    expect(sent).toHaveLength(2)
    forward(3, { data: new Uint8Array(100) })
    expect(remote.takeWaiting()).toHaveLength(1)
  })

  it('that state the time are not taken: only a leader does that', () => {
    const { remote, sent, forward } = setUp()
    const limits = { keysExpireAfterMs: 1, sessionsExpireAfterMs: 1, maxBytes: 1 }
    forward(1, { data: encodeClock(5, limits) })
    expect(remote.takeWaiting()).toHaveLength(0)
    expect(sent).toEqual([])
  })

  it('of the present format are put off until the log says that all members understand them', () => {
    const { remote, sent, forward, forgetFormat } = setUp()
    forward(1, { data: encodeOpenSession() })
    expect(remote.takeWaiting()).toHaveLength(1)
    forgetFormat()
    forward(2, { data: encodeOpenSession() })
    forward(3)
    expect(sent.map(({ request, status }) => `${request} ${status}`)).toEqual(['2 not-leader'])
    expect(remote.takeWaiting()).toHaveLength(1)
  })

  it('are taken once, and answered again as they were answered first', () => {
    const { remote, sent, forward } = setUp()
    forward(1)
    forward(1)
    const taken = remote.takeWaiting()
    expect(taken).toHaveLength(1)
    forward(1)
    expect(remote.takeWaiting()).toHaveLength(0)
    expect(sent).toEqual([])
    taken[0]?.applied(9, { status: 'applied', index: 9, value: 5, encoded: undefined })
    forward(1)
    expect(sent).toMatchObject([
      { status: 'applied', index: 9, result: Uint8Array.of(5) },
      { status: 'applied', index: 9, result: Uint8Array.of(5) },
    ])
  })

  it('of another life of the sender are others', () => {
    const { remote, forward } = setUp()
    forward(1)
    forward(1, { life: 8 })
    expect(remote.takeWaiting()).toHaveLength(2)
  })

  it('that the sender no longer waits for are forgotten, and their copies ignored', () => {
    const { remote, sent, forward } = setUp()
    forward(1)
    remote.takeWaiting()[0]?.applied(9, { status: 'applied', index: 9, value: 5, encoded: undefined })
    forward(2, { oldest: 2 })
    expect(remote.takeWaiting()).toHaveLength(1)
    forward(1)
    expect(remote.takeWaiting()).toHaveLength(0)
    expect(sent).toHaveLength(1)
  })

  it('are refused for good without room', () => {
    const { remote, sent, forward } = setUp()
    forward(1, {}, false)
    forward(1, {}, true)
    expect(sent.map(({ status }) => status)).toEqual(['overloaded', 'overloaded'])
    expect(remote.takeWaiting()).toHaveLength(0)
  })

  it('of a term that was led: new ones are refused, a copy of one that was appended never', () => {
    const { remote, route, sent, forward } = setUp()
    forward(1)
    remote.takeWaiting()
    route.role = 'follower'
    remote.onChange()
    forward(1)
    expect(sent).toEqual([])
    forward(2)
    expect(sent).toMatchObject([{ request: 2, status: 'not-leader' }])
    route.term = 5
    remote.onChange()
    forward(1)
    expect(sent).toHaveLength(1)
  })

  it('of a term that this life did not lead get no answer: an earlier life may have appended them', () => {
    const { remote, route, sent, forward } = setUp()
    route.role = 'follower'
    route.leader = undefined
    forward(1)
    forward(1, { term: 2 })
    route.role = 'leader'
    route.term = 4
    forward(1)
    expect(sent).toEqual([])
    expect(remote.takeWaiting()).toHaveLength(0)
  })

  it('that were taken but not appended are handed back when leadership ends', () => {
    const { remote, route, sent, forward } = setUp()
    forward(1)
    expect(remote.size).toBe(1)
    route.role = 'follower'
    remote.onChange()
    expect(sent).toMatchObject([{ request: 1, status: 'superseded' }])
    expect(remote.size).toBe(0)
    forward(1)
    expect(sent).toMatchObject([{ status: 'superseded' }, { status: 'superseded' }])
  })
})
