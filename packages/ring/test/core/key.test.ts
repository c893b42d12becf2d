import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { keyData, keyName, nameBytes, type Key } from '../../src/core/key.ts'
import { RingError } from '../../src/core/ring-error.ts'
import { createRing } from '../../src/index.ts'

const ring = createRing([{ id: 'a' }, { id: 'b' }])
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('keys', () => {
  it.each<[string, readonly Key[]]>([
    ['a number', [42, 42n, '42', utf8('42'), Buffer.from('42')]],
    ['zero', [0, -0, 0n, '0']],
    ['a fraction', [1.5, '1.5']],
    ['a large number', [1e21, '1e+21']],
    ['a large bigint', [2n ** 64n, '18446744073709551616']],
    ['a negative one', [-7, -7n, '-7']],
    ['no text', ['', new Uint8Array(0)]],
    ['any text', ['日本 é \u{1F600}', utf8('日本 é \u{1F600}')]],
    ['half a pair', ['a\ud800', 'a\ufffd', utf8('a\ufffd')]],
    ['a view', [utf8('0123456789').subarray(2, 5), '234', Buffer.from('x234y').subarray(1, 4)]],
    ['bytes of another realm', [runInNewContext('new Uint8Array([104, 105])') as Uint8Array, 'hi']],
  ])('%s is one key in all its forms', (_name, forms) => {
    expect(new Set(forms.map((key) => ring.position(key))).size).toBe(1)
    expect(new Set(forms.map((key) => keyName(key))).size).toBe(1)
  })

  it('different bytes are different keys', () => {
    const keys: Key[] = [
      '42',
      '042',
      42.5,
      '',
      ' ',
      '\0',
      utf8('é'),
      Uint8Array.of(0xe9),
      Uint8Array.of(0x80),
      '\u0080',
    ]
    expect(new Set(keys.map((key) => keyName(key))).size).toBe(keys.length)
    expect(new Set(keys.map((key) => ring.position(key))).size).toBe(keys.length)
  })

  it('bytes that are no UTF-8 stay what they are', () => {
    const bytes = Uint8Array.of(0, 0x7f, 0x80, 0xff, 0xed, 0xa0, 0x80)
    expect(keyData(bytes)).toBe(bytes)
    expect(nameBytes(keyName(bytes))).toEqual(bytes)
    expect(ring.position(nameBytes(keyName('é')))).toBe(ring.position('é'))
  })

  it.each([
    ['NaN', Number.NaN],
    ['Infinity', Infinity],
    ['-Infinity', -Infinity],
    ['undefined', undefined],
    ['null', null],
    ['boolean', true],
    ['symbol', Symbol('key')],
    ['function', () => 'key'],
    ['object', { id: 'key' }],
    ['[object Array]', [1, 2]],
    ['[object Date]', new Date(0)],
    ['[object String]', Object('key')],
    ['[object Uint16Array]', Uint16Array.of(1)],
    ['[object ArrayBuffer]', new ArrayBuffer(2)],
  ])('%s is none', (name, value) => {
    const key = value as Key
    for (const use of [
      keyData,
      keyName,
      (k: Key) => ring.owner(k),
      (k: Key) => ring.replicas(k, 2),
      (k: Key) => [...ring.walk(k)],
    ]) {
      expect(() => use(key)).toThrow(RingError)
      expect(() => use(key)).toThrow(/RING_INVALID_KEY/)
    }
    expect(() => keyData(key)).toThrow(name)
  })
})
