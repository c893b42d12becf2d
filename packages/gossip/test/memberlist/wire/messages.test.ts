import { describe, expect, it } from 'vitest'
import { encodeMessage, encodeUserStream } from '../../../src/memberlist/wire/message-writer.ts'
import { decodeMessage } from '../../../src/memberlist/wire/message-reader.ts'
import type { PacketMessage } from '../../../src/memberlist/wire/messages.ts'
import { hex, messagesOf, streamOf } from './collect.ts'
import { RECORDED } from './recorded.ts'

const LOCALHOST = Uint8Array.of(127, 0, 0, 1)
const source = { ip: LOCALHOST, port: 18_942, name: 's2' }

describe('messages of real agents', () => {
  it('reads a ping with its source', () => {
    expect(messagesOf(RECORDED.ping).messages).toEqual([
      { type: 'ping', seq: 173, node: 'colony', source: { ip: LOCALHOST, port: 18_941, name: 's1' } },
    ])
  })

  it('reads an ack with the coordinate that Serf puts into it', () => {
    const [ack] = messagesOf(RECORDED.ack).messages
    expect(ack).toMatchObject({ type: 'ack', seq: 0x64b441f3 })
    expect(ack?.type === 'ack' && ack.payload[0]).toBe(1)
  })

  it('reads a ping on behalf of another, and a nack', () => {
    expect(messagesOf(RECORDED.indirectPing).messages).toEqual([
      { type: 'indirectPing', seq: 188, ip: LOCALHOST, port: 18_943, node: 's3', nack: true, source },
    ])
    expect(messagesOf(RECORDED.nack).messages).toEqual([{ type: 'nack', seq: 0x64b441f8 }])
  })

  it('reads what is under a check sum, and in a compound', () => {
    const { messages, problems } = messagesOf(RECORDED.aliveAndJoin)
    expect(problems).toEqual([])
    expect(messages).toMatchObject([
      {
        type: 'alive',
        node: 'colony',
        ip: LOCALHOST,
        port: 42_217,
        versions: Uint8Array.of(1, 5, 2, 2, 5, 5),
      },
      { type: 'user' },
    ])
    expect(messagesOf(RECORDED.suspect).messages).toEqual([
      { type: 'suspect', incarnation: 1, node: 's3', from: 's2' },
    ])
    expect(messagesOf(RECORDED.pingAndSuspect).messages).toMatchObject([
      { type: 'ping', node: 'colony' },
      { type: 'suspect', node: 's3', from: 's2' },
    ])
  })

  it('reads a compressed stream with everything that an agent knows, however it is cut', () => {
    for (const chunk of [1, 7, 100, 5000]) {
      const state = streamOf(RECORDED.pushPull, { chunk })
      expect(state).toMatchObject({ type: 'pushPull', join: false })
      const nodes = typeof state === 'object' && state.type === 'pushPull' ? state.nodes : []
      expect(nodes.map(({ node, state: standing }) => `${node} ${standing}`).sort()).toEqual([
        'colony alive',
        's1 alive',
        's2 alive',
        's3 dead',
      ])
    }
  })
})

const EXAMPLES: readonly (readonly [PacketMessage, string])[] = [
  [{ type: 'ping', seq: 1, node: 'a' }, '0082a55365714e6f01a44e6f6465a161'],
  [
    { type: 'ping', seq: 200, node: 'a', source: { ip: LOCALHOST, port: 7946, name: 'b' } },
    '0085a55365714e6fccc8a44e6f6465a161aa536f7572636541646472a47f000001aa536f75726365506f7274cd1f0aaa536f757263654e6f6465a162',
  ],
  [
    { type: 'indirectPing', seq: 65_536, ip: LOCALHOST, port: 80, node: 'a', nack: true },
    '0185a55365714e6fce00010000a6546172676574a47f000001a4506f727450a44e6f6465a161a44e61636bc3',
  ],
  [{ type: 'ack', seq: 127, payload: new Uint8Array(0) }, '0282a55365714e6f7fa75061796c6f6164c0'],
  [{ type: 'ack', seq: 128, payload: Uint8Array.of(1) }, '0282a55365714e6fcc80a75061796c6f6164a101'],
  [{ type: 'nack', seq: 4_294_967_295 }, '0b81a55365714e6fceffffffff'],
  [
    { type: 'suspect', incarnation: 2, node: 'a', from: 'b' },
    '0383ab496e6361726e6174696f6e02a44e6f6465a161a446726f6da162',
  ],
  [
    { type: 'dead', incarnation: 2, node: 'a', from: 'a' },
    '0583ab496e6361726e6174696f6e02a44e6f6465a161a446726f6da161',
  ],
  [
    {
      type: 'alive',
      incarnation: 1,
      node: 'a',
      ip: LOCALHOST,
      port: 7946,
      meta: new Uint8Array(0),
      versions: Uint8Array.of(1, 5, 2, 2, 5, 5),
    },
    '0486ab496e6361726e6174696f6e01a44e6f6465a161a441646472a47f000001a4506f7274cd1f0aa44d657461c0a356736ea6010502020505',
  ],
  [{ type: 'user', bytes: Uint8Array.of(3, 9) }, '080309'],
]

describe('messages of ours', () => {
  it.each(EXAMPLES)('writes and reads %j', (message, expected) => {
    expect(hex(encodeMessage(message))).toBe(expected)
    expect(decodeMessage(encodeMessage(message))).toEqual(message)
  })

  it('writes and reads everything that it knows, as a stream, however it is cut', () => {
    const node = {
      node: 'name'.repeat(20),
      ip: LOCALHOST,
      port: 1,
      meta: new Uint8Array(300).fill(7),
      incarnation: 9,
      state: 'left' as const,
      versions: Uint8Array.of(1, 5, 2, 0, 0, 0),
    }
    const nodes = Array.from({ length: 20 }, () => node)
    const message = {
      type: 'pushPull' as const,
      join: true,
      nodes,
      userState: new Uint8Array(70_000).fill(1),
    }
    for (const chunk of [1, 1000, 1_000_000]) {
      expect(streamOf(encodeMessage(message), { chunk })).toEqual(message)
    }
  })

  it('writes and reads the other messages of streams', () => {
    expect(streamOf(encodeMessage({ type: 'error', text: 'no' }))).toEqual({ type: 'error', text: 'no' })
    expect(streamOf(encodeMessage({ type: 'ping', seq: 4, node: 'x' }))).toMatchObject({
      type: 'ping',
      seq: 4,
    })
    expect(streamOf(encodeUserStream(Uint8Array.of(5, 6)), { chunk: 1 })).toEqual({
      type: 'user',
      bytes: Uint8Array.of(5, 6),
    })
  })

  it('refuses fields out of range', () => {
    const alive = {
      type: 'alive',
      incarnation: 1,
      node: 'a',
      ip: LOCALHOST,
      port: 1,
      versions: LOCALHOST,
    } as const
    expect(decodeMessage(encodeMessage({ ...alive, meta: new Uint8Array(512) }))).toBeDefined()
    expect(decodeMessage(encodeMessage({ ...alive, meta: new Uint8Array(513) }))).toBeUndefined()
    const ping = (seq: number): Uint8Array => encodeMessage({ type: 'ping', seq, node: 'a' })
    expect(decodeMessage(ping(2 ** 32 - 1))).toBeDefined()
    expect(decodeMessage(ping(2 ** 32))).toBeUndefined()
    expect(decodeMessage(encodeMessage({ type: 'ping', seq: 1, node: 'a'.repeat(256) }))).toBeUndefined()
    expect(decodeMessage(Uint8Array.of())).toBeUndefined()
    expect(decodeMessage(Uint8Array.of(99, 0x80))).toBeUndefined()
  })

  it('bounds a push/pull before it makes room', () => {
    const header = (nodes: number, userStateLen: number): Uint8Array => {
      const empty = encodeMessage({ type: 'pushPull', join: false, nodes: [], userState: new Uint8Array(0) })
      const text = hex(empty)
      const big = (value: number): string => `ce${value.toString(16).padStart(8, '0')}`
      return Uint8Array.from(
        Buffer.from(
          text
            .replace('a54e6f64657300', `a54e6f646573${big(nodes)}`)
            .replace('ac557365725374617465' + '4c656e00', `ac5573657253746174654c656e${big(userStateLen)}`),
          'hex',
        ),
      )
    }
    expect(streamOf(header(1000, 0))).toBe('more')
    expect(streamOf(header(1001, 0))).toBe('malformed')
    expect(streamOf(header(0, 2 ** 31))).toBe('malformed')
  })
})
