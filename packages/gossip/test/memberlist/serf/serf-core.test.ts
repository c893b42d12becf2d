import { createRandom } from '@colony/host'
import { describe, expect, it } from 'vitest'
import { timingOf } from '../../../src/memberlist/core/timing.ts'
import { SerfCore, type SerfOutputs } from '../../../src/memberlist/serf/serf-core.ts'
import type { Query, SerfMessage } from '../../../src/memberlist/serf/serf-messages.ts'
import { decodeSerf } from '../../../src/memberlist/serf/serf-reader.ts'
import { asUser, encodeSerf, encodeState } from '../../../src/memberlist/serf/serf-writer.ts'
import { encodeMessage } from '../../../src/memberlist/wire/message-writer.ts'
import { messagesOf } from '../wire/collect.ts'

const DAY_MS = 86_400_000
const nothing = new Uint8Array(0)

/** One core, and what others say to it. */
class Lone {
  readonly core: SerfCore
  now = 0

  constructor() {
    this.core = new SerfCore(
      {
        ...{ name: 'me', endpoint: { ip: Uint8Array.of(10, 0, 0, 1), port: 1 }, incarnation: 1 },
        ...{ timing: timingOf('lan'), random: createRandom('lone'), packetBytes: 1400, maxMembers: 10 },
        ...{ queueBytes: 10_000, tags: {}, replay: false },
      },
      0,
    )
  }

  hear(bytes: Uint8Array): SerfOutputs {
    return this.core.step(this.now, { type: 'packet', from: '10.0.0.99:1', bytes })
  }

  say(message: SerfMessage): SerfOutputs {
    return this.hear(asUser(encodeSerf(message)))
  }

  alive(node: string, last: number, incarnation = 1): SerfOutputs {
    const ip = Uint8Array.of(10, 0, 0, last)
    const versions = Uint8Array.of(1, 5, 2, 2, 5, 5)
    return this.hear(
      encodeMessage({ type: 'alive', node, ip, port: 1, incarnation, meta: nothing, versions }),
    )
  }

  dead(node: string, from: string): SerfOutputs {
    return this.hear(encodeMessage({ type: 'dead', node, from, incarnation: 1 }))
  }

  /** Lets time pass; what was sent, of Serf's. */
  tick(ms: number): { to: string; message: SerfMessage | undefined }[] {
    const sent: { to: string; message: SerfMessage | undefined }[] = []
    for (const until = this.now + ms; this.now < until; this.now += 100) {
      sent.push(...serfOf(this.core.step(this.now, { type: 'tick' })))
    }
    return sent
  }

  status(id: string): string | undefined {
    return this.core.members.get(id)?.status
  }
}

function serfOf(outputs: SerfOutputs): { to: string; message: SerfMessage | undefined }[] {
  return outputs.packets.flatMap(({ to, bytes }) =>
    messagesOf(bytes).messages.flatMap((message) =>
      message.type === 'user' ? [{ to, message: decodeSerf(message.bytes) }] : [],
    ),
  )
}

const query: Query = {
  ...{ type: 'query', time: 5, id: 6, ip: Uint8Array.of(10, 0, 0, 2), port: 1, source: 'a' },
  ...{
    filters: [],
    wantsAck: false,
    isPrivate: true,
    relayFactor: 0,
    timeoutMs: 1000,
    name: 'q',
    payload: nothing,
  },
}

describe('intents', () => {
  it('make of one that is gone one that has left, and of one without a failed one', () => {
    const lone = new Lone()
    lone.alive('a', 2)
    lone.alive('b', 3)
    lone.say({ type: 'leave', time: 9, node: 'a', prune: false })
    expect(lone.status('a')).toBe('leaving')
    lone.dead('a', 'a')
    lone.dead('b', 'b')
    expect([lone.status('a'), lone.status('b')]).toEqual(['left', 'failed'])
  })

  it('are kept for members who are heard of later', () => {
    const lone = new Lone()
    lone.say({ type: 'leave', time: 9, node: 'a', prune: false })
    lone.alive('a', 2)
    expect(lone.status('a')).toBe('leaving')
  })

  it('count only when they are newer', () => {
    const lone = new Lone()
    lone.alive('a', 2)
    lone.say({ type: 'join', time: 9, node: 'a' })
    lone.say({ type: 'leave', time: 9, node: 'a', prune: false })
    expect(lone.status('a')).toBe('alive')
    lone.say({ type: 'leave', time: 10, node: 'a', prune: false })
    expect(lone.status('a')).toBe('leaving')
    lone.say({ type: 'join', time: 11, node: 'a' })
    expect(lone.status('a')).toBe('alive')
  })

  it('about oneself that are not true are answered by a later one', () => {
    const lone = new Lone()
    lone.alive('a', 2)
    lone.say({ type: 'leave', time: 50, node: 'me', prune: false })
    expect(lone.status('me')).toBe('alive')
    const sent = lone.tick(1_000).map(({ message }) => message)
    expect(sent).toContainEqual({ type: 'join', time: 51, node: 'me' })
    expect(sent.some((message) => message?.type === 'leave')).toBe(false)
  })

  it('come in exchanges too, and do not count up for ever', () => {
    const lone = new Lone()
    lone.alive('a', 2)
    lone.dead('a', 'b')
    expect(lone.status('a')).toBe('failed')
    const state = (): void => {
      const userState = encodeState({
        ...{
          time: 20,
          statusTimes: new Map([['a', 7]]),
          left: ['a'],
          eventTime: 1,
          events: [],
          queryTime: 1,
        },
      })
      const message = { type: 'pushPull', join: false, nodes: [], userState } as const
      lone.core.step(lone.now, { type: 'request', id: 1, message })
    }
    state()
    expect(lone.status('a')).toBe('left')
    for (let round = 0; round < 5; round++) state()
    expect(lone.core.members.statusTimes().get('a')).toBe(8)
  })
})

describe('gossip', () => {
  it('is silent while there is nothing to say', () => {
    const lone = new Lone()
    lone.tick(5_000)
    // The next probe: a second apart, while gossip would come after 200 ms.
    const waits = Array.from({ length: 10 }, () => {
      const before = lone.now
      lone.now = lone.core.step(lone.now, { type: 'tick' }).deadline
      return lone.now - before
    })
    expect(Math.max(...waits)).toBeGreaterThan(500)
  })

  it('goes to those who died a moment ago, so that they can say that they did not', () => {
    const lone = new Lone()
    lone.alive('a', 2)
    lone.dead('a', 'b')
    const { packets } = lone.core.step((lone.now += 500), { type: 'tick' })
    expect(packets.map(({ to }) => to)).toContain('10.0.0.2:1')
  })

  it('leaves a share of each packet to events, however much there is to say of members', () => {
    const lone = new Lone()
    const versions = Uint8Array.of(1, 5, 2, 2, 5, 5)
    for (let last = 2; last <= 9; last++) {
      const ip = Uint8Array.of(10, 0, 0, last)
      const meta = new Uint8Array(255)
      lone.hear(
        encodeMessage({ type: 'alive', node: `n${last}`, ip, port: 1, incarnation: 1, meta, versions }),
      )
    }
    lone.core.step(lone.now, { type: 'event', name: 'e', payload: new Uint8Array(200), coalesce: false })
    const outputs = lone.core.step((lone.now += 200), { type: 'tick' })
    expect(serfOf(outputs).map(({ message }) => message?.type)).toContain('event')
  })
})

describe('a ping on behalf of another', () => {
  it('goes where the member is known to be, and nowhere else', () => {
    const lone = new Lone()
    lone.alive('a', 2)
    const ask = (last: number): string[] => {
      const ip = Uint8Array.of(10, 0, 0, last)
      const ping = { type: 'indirectPing', seq: 1, ip, port: 1, node: 'a', nack: true } as const
      return lone.hear(encodeMessage(ping)).packets.map(({ to }) => to)
    }
    expect(ask(2)).toEqual(['10.0.0.2:1'])
    expect(ask(7)).toEqual([])
  })
})

describe('a suspicion', () => {
  it('is told on for each of those who confirm it, up to as many as count', () => {
    const lone = new Lone()
    for (let last = 2; last <= 9; last++) lone.alive(`n${last}`, last)
    lone.tick(5_000)
    const told = (from: string): string[] => {
      lone.hear(encodeMessage({ type: 'suspect', node: 'n2', from, incarnation: 1 }))
      const { packets } = lone.core.step((lone.now += 200), { type: 'tick' })
      return packets
        .flatMap(({ bytes }) => messagesOf(bytes).messages)
        .flatMap((message) => (message.type === 'suspect' && message.node === 'n2' ? [message.from] : []))
    }
    expect(told('n3')).toContain('n3')
    expect(told('n4')).toContain('n4')
    expect(told('n5')).toContain('n5')
    // Two are enough to make it as short as it gets.
    expect(told('n6')).not.toContain('n6')
  })
})

describe('an exchange', () => {
  it("takes another's verdict of death for a reason to ask, and a farewell for one", () => {
    const lone = new Lone()
    lone.alive('a', 2)
    lone.alive('b', 3)
    const node = (name: string, last: number, state: 'dead' | 'left') => ({
      ...{ node: name, ip: Uint8Array.of(10, 0, 0, last), port: 1, meta: nothing, incarnation: 1, state },
      versions: Uint8Array.of(1, 5, 2, 2, 5, 5),
    })
    const nodes = [node('a', 2, 'dead'), node('b', 3, 'left')]
    const message = { type: 'pushPull', join: false, nodes, userState: nothing } as const
    const { replies } = lone.core.step(lone.now, { type: 'request', id: 1, message })
    expect(replies).toHaveLength(1)
    expect(lone.core.members.get('a')).toMatchObject({ status: 'alive', suspect: true })
    // Without an intent to leave, Serf calls it failed.
    expect(lone.status('b')).toBe('failed')
    lone.alive('a', 2, 2)
    expect(lone.core.members.get('a')).toMatchObject({ status: 'alive', suspect: false })
  })

  it('is refused whole with a living member of other versions', () => {
    const lone = new Lone()
    const good = { ...{ node: 'a', ip: Uint8Array.of(10, 0, 0, 2), port: 1, meta: nothing, incarnation: 1 } }
    const nodes = [
      { ...good, state: 'alive' as const, versions: Uint8Array.of(1, 5, 2, 2, 5, 5) },
      { ...good, node: 'b', state: 'alive' as const, versions: Uint8Array.of(3, 5, 3, 2, 5, 5) },
    ]
    const message = { type: 'pushPull', join: true, nodes, userState: nothing } as const
    lone.core.step(lone.now, { type: 'request', id: 1, message })
    expect(lone.status('a')).toBeUndefined()
    expect(lone.core.memberlist.counts.get('bad-versions')).toBe(1)
  })
})

describe('members that are gone', () => {
  it('are forgotten after a day', () => {
    const lone = new Lone()
    lone.alive('a', 2)
    lone.dead('a', 'b')
    lone.now = DAY_MS - 60_000
    lone.core.step(lone.now, { type: 'tick' })
    expect(lone.status('a')).toBe('failed')
    lone.now = DAY_MS + 60_000
    const { events } = lone.core.step(lone.now, { type: 'tick' })
    expect(lone.status('a')).toBeUndefined()
    expect(events).toMatchObject([{ type: 'reap', member: { id: 'a' } }])
  })
})

describe('queries', () => {
  it('are handed on once, and answered by the asker alone', () => {
    const lone = new Lone()
    lone.alive('a', 2)
    lone.tick(3_000)
    const { events } = lone.say(query)
    expect(events).toMatchObject([{ type: 'query', name: 'q', from: 'a' }])
    expect(lone.say(query).events).toEqual([])
    const question = events[0]?.type === 'query' ? events[0].question : 0
    const respond = (): ReturnType<typeof serfOf> => {
      return serfOf(lone.core.step(lone.now, { type: 'respond', question, payload: Uint8Array.of(1) }))
    }
    expect(respond()).toMatchObject([{ to: '10.0.0.2:1', message: { type: 'response', id: 6, from: 'me' } }])
    expect(respond()).toEqual([])
  })

  it('of strangers are not answered: anybody might be meant', () => {
    const lone = new Lone()
    expect(lone.say({ ...query, wantsAck: true }).packets).toEqual([])
    expect(lone.core.memberlist.counts.get('query-of-stranger')).toBe(1)
  })

  it('are acknowledged, and the answer is sent through others as well, where that is asked for', () => {
    const lone = new Lone()
    for (let last = 2; last <= 5; last++) lone.alive(`n${last}`, last)
    lone.tick(5_000)
    const sent = serfOf(lone.say({ ...query, wantsAck: true, relayFactor: 2 }))
    expect(sent[0]).toMatchObject({ to: '10.0.0.2:1', message: { type: 'response', isAck: true } })
    const relayed = sent.filter(({ message }) => message?.type === 'relay')
    expect(relayed).toHaveLength(2)
    expect(relayed.every(({ to }) => to !== '10.0.0.2:1')).toBe(true)
  })

  it('are relayed to members, and to nobody else', () => {
    const lone = new Lone()
    lone.alive('a', 2)
    lone.tick(3_000)
    const message = encodeSerf({ type: 'response', time: 1, id: 1, from: 'b', isAck: true, payload: nothing })
    const relay = (last: number, node: string): ReturnType<typeof serfOf> => {
      return serfOf(lone.say({ type: 'relay', ip: Uint8Array.of(10, 0, 0, last), port: 1, node, message }))
    }
    expect(relay(2, 'a')).toMatchObject([{ to: '10.0.0.2:1', message: { type: 'response', from: 'b' } }])
    expect(relay(2, 'other')).toEqual([])
    expect(relay(7, 'a')).toEqual([])
  })

  it('about a name are answered for others, not for oneself', () => {
    const lone = new Lone()
    lone.alive('a', 2)
    lone.tick(3_000)
    const ask = (id: number, name: string): ReturnType<typeof serfOf> => {
      return serfOf(lone.say({ ...query, id, name: '_serf_conflict', payload: Buffer.from(name) }))
    }
    expect(ask(1, 'a')).toMatchObject([{ message: { type: 'response' } }])
    expect(ask(2, 'me')).toEqual([])
    expect(serfOf(lone.say({ ...query, id: 3, name: '_serf_ping' }))).toEqual([])
    expect(lone.say({ ...query, id: 4, name: '_serf_other' }).events).toEqual([])
  })

  it('count each answer once', () => {
    const lone = new Lone()
    lone.alive('a', 2)
    lone.core.step(0, {
      ...{ type: 'query', question: 1, name: 'who', payload: nothing, to: ['a'], timeoutMs: 3_000 },
    })
    const asked = lone.tick(500).find(({ message }) => message?.type === 'query')?.message
    if (asked?.type !== 'query') throw new Error('the query was not sent')
    const { time, id } = asked
    const answer = { type: 'response', time, id, from: 'a', isAck: false, payload: Uint8Array.of(3) } as const
    expect(lone.say(answer).events).toMatchObject([{ type: 'answer', question: 1, from: 'a' }])
    expect(lone.say(answer).events).toEqual([])
    expect(lone.say({ ...answer, from: 'b', id: id + 1 }).events).toEqual([])
  })
})
