import { createCipheriv } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createLabel } from '../../../src/memberlist/wire/label.ts'
import { encodeMessage } from '../../../src/memberlist/wire/message-writer.ts'
import { SerfKeyring } from '../../../src/memberlist/node/keyring.ts'
import { encodeStream } from '../../../src/memberlist/wire/stream-writer.ts'
import { messagesOf, streamOf } from '../wire/collect.ts'
import { RECORDED, RECORDED_KEY } from '../wire/recorded.ts'

const NOTHING = new Uint8Array(0)
const plain = Uint8Array.from({ length: 100 }, (_, at) => at)
const keyOf = (length: number, fill: number): Uint8Array => new Uint8Array(length).fill(fill)

/** What protocol version 1 sent: padded to blocks of 16. */
function sealPadded(key: Uint8Array, text: Uint8Array, aad: Uint8Array): Uint8Array {
  const added = 16 - (text.length % 16)
  const nonce = new Uint8Array(12).fill(5)
  const cipher = createCipheriv('aes-128-gcm', key, nonce)
  cipher.setAAD(aad)
  const body = cipher.update(Buffer.concat([text, Buffer.alloc(added, added)]))
  cipher.final()
  return Uint8Array.from(Buffer.concat([Buffer.of(0), nonce, body, cipher.getAuthTag()]))
}

describe('what real agents sealed', () => {
  it('is opened: a datagram, and a stream', () => {
    const keys = new SerfKeyring([RECORDED_KEY])
    const packet = keys.open(RECORDED.sealedPacket, NOTHING)
    expect(messagesOf(packet ?? NOTHING).messages.length).toBeGreaterThan(0)
    for (const chunk of [1, 50, 10_000]) {
      expect(streamOf(RECORDED.sealedPushPull, { keys, chunk })).toMatchObject({ type: 'pushPull' })
    }
    const other = new SerfKeyring([keyOf(16, 1)])
    expect(other.open(RECORDED.sealedPacket, NOTHING)).toBeUndefined()
    expect(streamOf(RECORDED.sealedPushPull, { keys: other })).toBe('not-opened')
  })
})

describe('a keyring', () => {
  it.each([16, 24, 32])('seals and opens with a key of %d bytes, and authenticates more', (length) => {
    const keys = new SerfKeyring([keyOf(length, 1)])
    const aad = Uint8Array.of(1, 2)
    const sealed = keys.seal(plain, aad)
    expect(sealed.length).toBe(plain.length + 29)
    expect(keys.open(sealed, aad)).toEqual(plain)
    expect(keys.open(sealed, Uint8Array.of(1, 3))).toBeUndefined()
    for (const at of [0, 1, 13, 60, sealed.length - 1]) {
      const altered = sealed.slice()
      altered[at] = (altered[at] ?? 0) ^ 1
      expect(keys.open(altered, aad)).toBeUndefined()
    }
    expect(keys.open(sealed.subarray(0, 28), aad)).toBeUndefined()
    expect(keys.open(NOTHING, aad)).toBeUndefined()
  })

  it('opens what the first version of the protocol padded', () => {
    const keys = new SerfKeyring([keyOf(16, 1)])
    for (const length of [0, 1, 15, 16, 17]) {
      const text = plain.subarray(0, length)
      expect(keys.open(sealPadded(keyOf(16, 1), text, NOTHING), NOTHING)).toEqual(text)
    }
  })

  it('rotates without a message that is lost', () => {
    const [old, next] = [keyOf(16, 1), keyOf(32, 2)]
    const [a, b] = [new SerfKeyring([old]), new SerfKeyring([old])]
    const opens = (): boolean[] => [
      b.open(a.seal(plain, NOTHING), NOTHING) !== undefined,
      a.open(b.seal(plain, NOTHING), NOTHING) !== undefined,
    ]
    for (const change of [
      () => a.add(next),
      () => b.add(next),
      () => a.use(next),
      () => b.use(next),
      () => a.remove(old),
      () => b.remove(old),
    ]) {
      change()
      expect(opens()).toEqual([true, true])
    }
    expect(a.keys).toEqual([Buffer.from(next).toString('base64')])
    expect(a.open(new SerfKeyring([old]).seal(plain, NOTHING), NOTHING)).toBeUndefined()
  })

  it('refuses keys that are none, or that cannot be changed so', () => {
    const keys = new SerfKeyring([keyOf(16, 1)])
    const invalid: unknown = expect.objectContaining({ code: 'GOSSIP_INVALID_OPTION' })
    const refused = (change: () => unknown): void => expect(change).toThrowError(invalid as Error)
    refused(() => new SerfKeyring([]))
    refused(() => new SerfKeyring(['c2hvcnQ=']))
    refused(() => keys.add(keyOf(17, 1)))
    refused(() => keys.use(keyOf(16, 2)))
    refused(() => keys.remove(keyOf(16, 1)))
    for (let fill = 2; fill <= 16; fill++) keys.add(keyOf(16, fill))
    keys.add(keyOf(16, 16))
    refused(() => keys.add(keyOf(16, 17)))
    keys.remove(keyOf(16, 99))
  })
})

describe('sealed streams', () => {
  const message = encodeMessage({ type: 'ping', seq: 9, node: 'a' })
  const keys = new SerfKeyring([RECORDED_KEY])

  it('authenticate the label in both directions, and carry it in one', () => {
    const label = createLabel('blue')
    const request = encodeStream(message, label, true, keys)
    const reply = encodeStream(message, label, false, keys)
    expect(request.length - reply.length).toBe(6)
    expect(streamOf(request, { label: 'blue', dialled: true, keys, chunk: 1 })).toMatchObject({ seq: 9 })
    expect(streamOf(reply, { label: 'blue', keys, chunk: 1 })).toMatchObject({ seq: 9 })
    expect(streamOf(reply, { label: '', keys })).toBe('not-opened')
    expect(streamOf(reply, { label: 'green', keys })).toBe('not-opened')
    expect(streamOf(request, { label: 'green', dialled: true, keys })).toBe('wrong-label')
    expect(streamOf(reply, { label: 'blue', dialled: true, keys })).toBe('wrong-label')
  })

  it('are told from plain ones', () => {
    const none = createLabel('')
    expect(streamOf(encodeStream(message, none, true, keys))).toBe('encrypted')
    expect(streamOf(encodeStream(message, none, true, undefined), { keys })).toBe('not-encrypted')
  })

  it('are bounded before anything is read', () => {
    const head = Uint8Array.of(10, 0xff, 0xff, 0xff, 0xff)
    expect(streamOf(head, { keys })).toBe('too-large')
  })
})
