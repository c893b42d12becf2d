import { describe, expect, it } from 'vitest'
import { formatEndpoint, parseEndpoint } from '../../../src/memberlist/wire/address.ts'
import { decodeCompound, encodeCompound } from '../../../src/memberlist/wire/compound.ts'
import { checkLabel, createLabel } from '../../../src/memberlist/wire/label.ts'
import { encodeMessage } from '../../../src/memberlist/wire/message-writer.ts'
import { MsgpackWriter } from '../../../src/memberlist/wire/msgpack-writer.ts'
import { withChecksum } from '../../../src/memberlist/wire/packet.ts'
import { hex, messagesOf } from './collect.ts'
import { compressLzw } from './lzw-writer.ts'

const ping = encodeMessage({ type: 'ping', seq: 1, node: 'a' })
const nack = encodeMessage({ type: 'nack', seq: 2 })

function compressed(bytes: Uint8Array, algorithm = 0): Uint8Array {
  const writer = new MsgpackWriter()
  writer.byte(9)
  writer.map(2)
  writer.string('Algo')
  writer.uint(algorithm)
  writer.string('Buf')
  writer.raw(compressLzw(bytes))
  return writer.finish()
}

describe('layers of a packet', () => {
  it('has a check sum over all that follows', () => {
    const summed = withChecksum(nack)
    expect(hex(summed)).toBe('0c907a00ed0b81a55365714e6f02')
    expect(messagesOf(summed).messages).toMatchObject([{ type: 'nack', seq: 2 }])
    summed[summed.length - 1] = 3
    expect(messagesOf(summed)).toEqual({ messages: [], problems: ['bad-checksum'] })
    expect(messagesOf(summed.subarray(0, 4)).problems).toEqual(['malformed'])
  })

  it('has many messages in a compound', () => {
    const compound = encodeCompound([ping, nack])
    expect(hex(compound)).toBe(`0702${'0010'}${'0009'}${hex(ping)}${hex(nack)}`)
    expect(messagesOf(compound).messages).toMatchObject([{ type: 'ping' }, { type: 'nack' }])
    const full = encodeCompound(Array.from({ length: 255 }, () => nack))
    expect(messagesOf(full).messages).toHaveLength(255)
  })

  it('takes what is whole of a compound that was cut off', () => {
    const compound = encodeCompound([ping, nack, nack])
    const { messages, problems } = messagesOf(compound.subarray(0, compound.length - 1))
    expect(messages).toHaveLength(2)
    expect(problems).toEqual(['truncated'])
    expect(messagesOf(compound.subarray(0, 5)).problems).toEqual(['bad-compound'])
    expect(decodeCompound(Uint8Array.of(7))).toBeUndefined()
  })

  it('may be compressed, around everything but the check sum', () => {
    const packet = withChecksum(compressed(encodeCompound([ping, nack])))
    expect(messagesOf(packet).messages).toHaveLength(2)
    expect(messagesOf(compressed(ping, 1)).problems).toEqual(['bad-compression'])
  })

  it('is not unfolded beyond what peers send', () => {
    expect(messagesOf(compressed(compressed(ping))).problems).toEqual(['bad-compression'])
    expect(messagesOf(encodeCompound([compressed(ping)])).problems).toEqual(['malformed'])
    expect(messagesOf(encodeCompound([encodeCompound([ping])])).problems).toEqual(['malformed'])
    expect(messagesOf(compressed(new Uint8Array(300 * 1024))).problems).toEqual(['bad-compression'])
  })
})

describe('labels', () => {
  it('must be the same on both sides, whole', () => {
    const label = createLabel('blue')
    expect(hex(label.header)).toBe('f404626c7565')
    expect(checkLabel(label, Uint8Array.of(...label.header, 1))).toBe(6)
    expect(checkLabel(label, label.header.subarray(0, 4))).toBe('short')
    expect(checkLabel(label, createLabel('bluf').header)).toBe('wrong-label')
    expect(checkLabel(label, ping)).toBe('wrong-label')
    expect(checkLabel(createLabel(''), label.header)).toBe('wrong-label')
    expect(checkLabel(createLabel(''), ping)).toBe(0)
    expect(checkLabel(createLabel(''), new Uint8Array(0))).toBe('short')
  })
})

describe('addresses', () => {
  it.each([
    '10.1.2.3:7946',
    '255.255.255.255:65535',
    '[::1]:1',
    '[2001:db8::1:0:0:1]:80',
    '[::]:7',
    '[fe80::]:7',
    '[1:2:3:4:5:6:7:8]:9',
    '[1:0:3:4:5:6:7:8]:9',
  ])('reads and writes %s', (text) => {
    const endpoint = parseEndpoint(text)
    expect(endpoint && formatEndpoint(endpoint.ip, endpoint.port)).toBe(text)
  })

  it('takes the long form of IPv4 for the short one', () => {
    const { ip } = parseEndpoint('[::ffff:1.2.3.4]:5') ?? {}
    expect(ip).toEqual(Uint8Array.of(1, 2, 3, 4))
    const long = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 1, 2, 3, 4)
    expect(formatEndpoint(long, 5)).toBe('1.2.3.4:5')
  })

  it.each([
    '',
    ':1',
    '1.2.3:4',
    '1.2.3.4',
    '1.2.3.4:0',
    '1.2.3.256:1',
    '1.2.3.4:65536',
    '[::1:1',
    '[1::2::3]:1',
    'host:1',
    '[1:2:3:4:5:6:7:8:9]:1',
  ])('refuses %j', (text) => {
    expect(parseEndpoint(text)).toBeUndefined()
  })

  it('refuses other lengths, and port 0', () => {
    expect(formatEndpoint(Uint8Array.of(1, 2, 3), 1)).toBeUndefined()
    expect(formatEndpoint(Uint8Array.of(1, 2, 3, 4), 0)).toBeUndefined()
  })
})
