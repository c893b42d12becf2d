import { describe, expect, it } from 'vitest'
import { EventLog } from '../../../src/memberlist/serf/event-log.ts'
import { passesFilters } from '../../../src/memberlist/serf/filters.ts'
import { answerKeyQuery } from '../../../src/memberlist/serf/key-queries.ts'
import { LamportClock } from '../../../src/memberlist/serf/lamport.ts'
import type { SerfMessage, UserEvent } from '../../../src/memberlist/serf/serf-messages.ts'
import { decodeSerf, decodeState } from '../../../src/memberlist/serf/serf-reader.ts'
import { encodeSerf, encodeState } from '../../../src/memberlist/serf/serf-writer.ts'
import { decodeTags, encodeTags } from '../../../src/memberlist/serf/tags.ts'
import { MsgpackWriter } from '../../../src/memberlist/wire/msgpack-writer.ts'
import { SerfKeyring } from '../../../src/memberlist/node/keyring.ts'
import { hex, messagesOf, streamOf } from '../wire/collect.ts'
import { RECORDED } from '../wire/recorded.ts'

const payload = Uint8Array.of(1, 2)

function serfMessagesOf(bytes: Uint8Array): (SerfMessage | undefined)[] {
  return messagesOf(bytes).messages.flatMap((message) =>
    message.type === 'user' ? [decodeSerf(message.bytes)] : [],
  )
}

describe("Serf's messages of real agents", () => {
  it('reads intents, an event and a query', () => {
    expect(serfMessagesOf(RECORDED.join)).toEqual([{ type: 'join', time: 15, node: 'colony' }])
    expect(serfMessagesOf(RECORDED.leave)).toEqual([
      { type: 'leave', time: 16, node: 'colony', prune: false },
    ])
    const [query, event] = serfMessagesOf(RECORDED.queryAndEvent)
    expect(event).toMatchObject({ type: 'event', time: 7, name: 'deploy', coalesce: true })
    expect(query).toMatchObject({
      type: 'query',
      time: 7,
      name: 'what',
      source: 's2',
      port: 18_942,
      wantsAck: true,
    })
    expect(query?.type === 'query' && query.timeoutMs).toBe(1600)
  })

  it('reads the state of a push/pull', () => {
    const stream = streamOf(RECORDED.pushPull)
    const state =
      typeof stream === 'object' && stream.type === 'pushPull' ? decodeState(stream.userState) : undefined
    expect([...(state?.statusTimes.keys() ?? [])].sort()).toEqual(['colony', 's1', 's2', 's3'])
    expect(state?.events.map(({ name }) => name)).toContain('deploy')
  })
})

describe("Serf's messages of ours", () => {
  const query = {
    type: 'query',
    time: 3,
    id: 7,
    ip: payload,
    port: 9,
    source: 's',
    filters: [payload],
  } as const
  const flags = { wantsAck: true, isPrivate: true, relayFactor: 2, timeoutMs: 1500 } as const
  it.each<SerfMessage>([
    { type: 'leave', time: 1, node: 'a', prune: true },
    { type: 'join', time: 2 ** 40, node: 'a' },
    { type: 'event', time: 5, name: 'n', payload, coalesce: true },
    { ...query, ...flags, name: 'q', payload },
    { type: 'response', time: 3, id: 4_000_000_000, from: 'b', isAck: false, payload },
    { type: 'relay', ip: payload, port: 5, node: 'c', message: Uint8Array.of(5, 0x80) },
  ])('writes and reads %j', (message) => {
    expect(decodeSerf(encodeSerf(message))).toEqual(message)
  })

  it('writes an intent byte by byte as peers read it', () => {
    expect(hex(encodeSerf({ type: 'join', time: 15, node: 'colony' }))).toBe(
      '0182a54c54696d650fa44e6f6465a6636f6c6f6e79',
    )
  })

  it('writes and reads a state, events of one time together', () => {
    const event = (time: number, name: string): UserEvent => ({
      type: 'event',
      time,
      name,
      payload,
      coalesce: false,
    })
    const state = {
      time: 9,
      statusTimes: new Map([['a', 1]]),
      left: ['b'],
      eventTime: 3,
      events: [event(1, 'x'), event(1, 'y'), event(2, 'z')],
      queryTime: 4,
    }
    expect(decodeState(encodeState(state))).toEqual(state)
  })

  it('refuses times beyond which none can be counted', () => {
    const writer = new MsgpackWriter()
    writer.byte(1)
    writer.map(2)
    writer.string('LTime')
    writer.uint(Number.MAX_SAFE_INTEGER)
    writer.string('Node')
    writer.string('a')
    expect(decodeSerf(writer.finish())).toBeUndefined()
  })
})

describe('tags', () => {
  it('are a map after a magic byte', () => {
    expect(hex(encodeTags({ role: 'web' }) ?? payload)).toBe('ff81a4726f6c65a3776562')
    expect(decodeTags(encodeTags({ role: 'web', '': '', é: '☃' }) ?? payload)).toEqual({
      role: 'web',
      '': '',
      é: '☃',
    })
    expect(decodeTags(new Uint8Array(0))).toEqual({})
    expect(decodeTags(Uint8Array.from(Buffer.from('old')))).toEqual({ role: 'old' })
    expect(decodeTags(Uint8Array.of(0xff, 0xc1))).toEqual({})
  })

  it('fit into 512 bytes or are refused', () => {
    expect(encodeTags({ a: 'x'.repeat(505) })?.length).toBe(512)
    expect(encodeTags({ a: 'x'.repeat(506) })).toBeUndefined()
  })

  it('do not change an object by their names', () => {
    const tags = decodeTags(encodeTags(JSON.parse('{"__proto__":"x"}') as Record<string, string>) ?? payload)
    expect(Object.getPrototypeOf(tags)).toBe(Object.prototype)
    expect(Object.hasOwn(tags, '__proto__')).toBe(true)
  })
})

describe('filters', () => {
  const tag = (name: string, pattern: string): Uint8Array => {
    const writer = new MsgpackWriter()
    writer.byte(1)
    writer.map(2)
    writer.string('Tag')
    writer.string(name)
    writer.string('Expr')
    writer.string(pattern)
    return writer.finish()
  }
  const passes = (pattern: string, value: string): boolean =>
    passesFilters([tag('t', pattern)], 'me', { t: value })

  it.each([
    ['web', 'web', true],
    ['web', 'my web app', true],
    ['^web$', 'my web', false],
    ['^w.b', 'web', true],
    ['^a*b+c?$', 'bb', true],
    ['^a*b+c?$', 'aabc', true],
    ['^a*b+c?$', 'aac', false],
    ['x|web', 'web', true],
    ['', '', true],
    ['a**', 'a', false],
    ['(a+)+$', 'a', false],
    ['[ab]', 'a', false],
  ])('%s in %j is %s', (pattern, value, expected) => {
    expect(passes(pattern, value)).toBe(expected)
  })

  it('take time in proportion to pattern and text', () => {
    const begin = performance.now()
    expect(passes(`${'.*'.repeat(120)}x`, 'a'.repeat(500))).toBe(false)
    expect(performance.now() - begin).toBeLessThan(500)
  })

  it('name nodes, and all of them must pass', () => {
    const writer = new MsgpackWriter()
    writer.byte(0)
    writer.array(1)
    writer.string('me')
    const named = writer.finish()
    expect(passesFilters([named], 'me', {})).toBe(true)
    expect(passesFilters([named], 'you', {})).toBe(false)
    expect(passesFilters([named, tag('t', 'x')], 'me', {})).toBe(false)
    expect(passesFilters([Uint8Array.of(9)], 'me', {})).toBe(false)
    expect(passesFilters([], 'me', {})).toBe(true)
  })
})

describe('the log of events', () => {
  const event = (time: number, name = 'e', bytes = payload): UserEvent => {
    return { type: 'event', time, name, payload: bytes, coalesce: false }
  }

  it('hands on each once, and different ones of one time', () => {
    const log = new EventLog(new LamportClock())
    expect([event(1), event(1), event(1, 'f'), event(2)].map((each) => log.take(each))).toEqual([
      true,
      false,
      true,
      true,
    ])
    expect(log.recent()).toHaveLength(3)
  })

  it('ignores what is older than 512 times, or from before this node came', () => {
    const clock = new LamportClock()
    const log = new EventLog(clock)
    log.take(event(1000))
    expect(clock.time).toBe(1001)
    expect(log.take(event(488))).toBe(false)
    expect(log.take(event(489))).toBe(true)
    log.ignoreBefore(900)
    expect(log.take(event(899))).toBe(false)
    expect(log.take(event(900))).toBe(true)
  })

  it('is bounded, and does not take again what it had to forget', () => {
    const log = new EventLog(new LamportClock())
    const big = new Uint8Array(50_000)
    for (let time = 1; time <= 100; time++) expect(log.take(event(time, 'big', big))).toBe(true)
    const bytes = log.recent().reduce((sum, each) => sum + each.payload.length, 0)
    expect(bytes).toBeLessThanOrEqual(2 * 1024 * 1024)
    expect(log.take(event(1, 'big', big))).toBe(false)
  })
})

describe("operators' queries about keys", () => {
  const [first, second] = [Buffer.alloc(16, 1), Buffer.alloc(16, 2)]
  const request = (key: Uint8Array): Uint8Array => {
    const writer = new MsgpackWriter()
    writer.byte(7)
    writer.map(1)
    writer.string('Key')
    writer.raw(key)
    return writer.finish()
  }

  it('install, use, remove and list', () => {
    const keys = new SerfKeyring([first])
    const ask = (name: string, key: Uint8Array): string =>
      hex(answerKeyQuery(name, request(key), keys)!.response)
    const yes = hex(Buffer.from('Result')) + 'c3'
    expect(ask('install-key', second)).toContain(yes)
    expect(ask('use-key', second)).toContain(yes)
    expect(ask('remove-key', second)).not.toContain(yes)
    expect(ask('remove-key', first)).toContain(yes)
    expect(keys.keys).toEqual([second.toString('base64')])
    expect(ask('list-keys', second)).toContain(hex(Buffer.from(second.toString('base64'))))
    expect(ask('install-key', Buffer.alloc(5))).not.toContain(yes)
    expect(hex(answerKeyQuery('use-key', request(first), undefined)!.response)).not.toContain(yes)
    expect(hex(answerKeyQuery('list-keys', payload, undefined)!.response)).not.toContain(yes)
    expect(answerKeyQuery('other', payload, keys)).toBeUndefined()
  })
})
