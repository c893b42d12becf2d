import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesCodec } from '../src/bytes-codec.ts'
import { jsonCodec } from '../src/json-codec.ts'
import { codedError } from './coded-error.ts'

const codec = jsonCodec<unknown>()
const roundTrip = (value: unknown): unknown => codec.decode(codec.encode(value))
const text = (json: string): Uint8Array => new TextEncoder().encode(json)

/** `-0` is one of the three things that JSON changes. */
function withoutNegativeZero(value: unknown): unknown {
  if (typeof value === 'number') return value + 0
  if (Array.isArray(value)) return value.map(withoutNegativeZero)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, withoutNegativeZero(member)]),
  )
}

describe('jsonCodec', () => {
  it('brings back every JSON value, lone surrogates included', () => {
    const json = fc.jsonValue({ stringUnit: 'binary', maxDepth: 3 }).map(withoutNegativeZero)
    fc.assert(
      fc.property(json, (value) => {
        expect(roundTrip(value)).toStrictEqual(value)
      }),
    )
    for (const value of ['\ud800', { '\udc00': ['\ud83d😀'] }, '\ufeff', null, 0, '', false]) {
      expect(roundTrip(value)).toStrictEqual(value)
    }
  })

  it('encodes text of any length as UTF-8', () => {
    for (const length of [0, 1, 253, 254, 255, 300, 5000]) {
      const value = 'é'.repeat(length)
      expect(codec.encode(value)).toEqual(text(JSON.stringify(value)))
    }
  })

  it('encodes undefined as no bytes', () => {
    expect(codec.encode(undefined)).toHaveLength(0)
    expect(roundTrip(undefined)).toBeUndefined()
  })

  it('changes three things, as documented', () => {
    expect(roundTrip({ a: undefined, b: 1 })).toStrictEqual({ b: 1 })
    expect(Object.is(roundTrip(-0), 0)).toBe(true)
    expect(roundTrip(Object.assign(Object.create(null) as object, { a: 1 }))).toStrictEqual({ a: 1 })
  })

  it('takes plain values of another realm', () => {
    expect(roundTrip(runInNewContext('({ a: [1, { b: 2 }] })'))).toEqual({ a: [1, { b: 2 }] })
    expect(() => codec.encode(runInNewContext('new Map()'))).toThrow('an instance of Map')
  })

  class Account {
    readonly balance = 1
  }
  class Items extends Array<number> {}
  const cycle: { self?: unknown } = {}
  cycle.self = [cycle]
  let deep: unknown = 0
  for (let depth = 0; depth < 501; depth++) deep = [deep]

  it.each([
    [() => 0, '$: it is a function'],
    [{ a: [0, 1, Symbol('s')] }, '$.a[2]: it is a symbol'],
    [{ a: { 'b c': 1n } }, '$.a["b c"]: it is a bigint'],
    [{ n: Number.NaN }, '$.n: it is NaN'],
    [[Number.NEGATIVE_INFINITY], '$[0]: it is -Infinity'],
    [[1, undefined], '$[1]: it is undefined'],
    // oxlint-disable-next-line no-sparse-arrays -- holes are what is tested
    [[1, , 2], '$[1]: it is undefined'],
    [{ at: new Date(0) }, '$.at: it is an instance of Date'],
    [new Map(), '$: it is an instance of Map'],
    [[new Set()], '$[0]: it is an instance of Set'],
    [Uint8Array.of(1), '$: it is an instance of Uint8Array'],
    [{ account: new Account() }, '$.account: it is an instance of Account'],
    [new Items(), '$: it is an instance of Items'],
    [Object.create({ inherited: 1 }), '$: it is an instance of'],
    [Object.assign([1], { extra: 2 }), '$: it is an array with members besides its items'],
    [{ [Symbol('key')]: 1 }, '$: it is an object with symbol keys'],
    [{ toJSON: () => 1 }, '$.toJSON: it is a function'],
    [cycle, '$.self[0]: it is a cycle'],
    [deep, 'nested more than 500 deep'],
    [new String('boxed'), '$: it is an instance of String'],
  ])('refuses what JSON would lose or change: %#', (value, message) => {
    expect(() => codec.encode(value)).toThrow(codedError('HOST_VALUE_NOT_ENCODABLE', message))
  })

  it('takes an object twice as long as it does not contain itself', () => {
    const shared = { a: 1 }
    expect(roundTrip([shared, { shared }])).toStrictEqual([shared, { shared }])
  })

  it.each([
    ['text that is not JSON', text('{"a":')],
    ['two values', text('1 2')],
    ['a byte order mark', text('\ufeff1')],
    ['bytes that are not UTF-8', Uint8Array.of(0x22, 0xff, 0x22)],
    ['NaN', text('NaN')],
    ['a number that is too large', text('1e999')],
    ['one that is too large far below zero', text('{"a":[0,{"b":-1.5E+0400}]}')],
    ['one that is too large without an exponent', text(`[1${'0'.repeat(400)}]`)],
    ['one that is too large with a small exponent', text(`1${'0'.repeat(250)}e99`)],
    ['one at a depth that would fill the stack', text(`${'['.repeat(1e5)}1e999${']'.repeat(1e5)}`)],
  ])('refuses to decode %s', (_name, bytes) => {
    expect(() => codec.decode(bytes)).toThrow(codedError('HOST_BYTES_MALFORMED'))
  })

  it.each(['1e308', '"1e999"', '{"1e999":0}', '1e-999', '0e999', `0.${'1'.repeat(400)}`])(
    'decodes %s as JSON does',
    (json) => {
      expect(codec.decode(text(json))).toStrictEqual(JSON.parse(json))
    },
  )

  it('throws nothing but its own error, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 30 }), (bytes) => {
        try {
          codec.decode(bytes)
        } catch (error) {
          expect(error).toMatchObject({ code: 'HOST_BYTES_MALFORMED' })
        }
      }),
    )
  })

  it('lets no __proto__ member touch a prototype', () => {
    const value = codec.decode(
      text('{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}'),
    )
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(Object.hasOwn(value as object, '__proto__')).toBe(true)
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
    expect((value as { admin?: boolean }).admin).toBeUndefined()
    expect(codec.encode(roundTrip(value))).toEqual(codec.encode(value))
    expect(Object.keys(roundTrip(value) as object)).toEqual(['__proto__', 'constructor'])
  })
})

describe('bytesCodec', () => {
  it('hands bytes through, Buffers too', () => {
    const bytes = Uint8Array.of(1, 2)
    expect(bytesCodec.encode(bytes)).toBe(bytes)
    expect(bytesCodec.decode(bytes)).toBe(bytes)
    expect(bytesCodec.encode(Buffer.of(1))).toHaveLength(1)
  })

  it.each(['text', [1, 2], new Uint16Array(1), undefined])('refuses anything else: %#', (value) => {
    expect(() => bytesCodec.encode(value as unknown as Uint8Array)).toThrow(
      codedError('HOST_VALUE_NOT_ENCODABLE'),
    )
  })
})
