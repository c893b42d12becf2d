import { jsonCodec } from '@colony/host'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { defineSchema, type KeyOf, type StateOf, type ValueAt } from '../../src/runtime/schema.ts'
import { VALUE_CODECS, type ValueType } from '../../src/runtime/value-types.ts'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)

describe('a schema', () => {
  const schema = defineSchema({
    role: 'string',
    load: 'number',
    'shard:*': 'number',
    'shard:of:*': 'boolean',
    tags: jsonCodec<readonly string[]>(),
  })
  type Shape = (typeof schema)['shape']

  it('types every key, and families of keys', () => {
    expectTypeOf<ValueAt<Shape, 'role'>>().toEqualTypeOf<string>()
    expectTypeOf<ValueAt<Shape, 'shard:7'>>().toEqualTypeOf<number>()
    expectTypeOf<ValueAt<Shape, 'tags'>>().toEqualTypeOf<readonly string[]>()
    expectTypeOf<StateOf<Shape>['load']>().toEqualTypeOf<number | undefined>()
    expectTypeOf<'shard:9'>().toExtend<KeyOf<Shape>>()
    expectTypeOf<'other'>().not.toExtend<KeyOf<Shape>>()
  })

  it('finds the codec of an exact key before that of a family, and of a longer family before a shorter one', () => {
    expect(schema.codecOf('role')).toBe(VALUE_CODECS.string)
    expect(schema.codecOf('shard:1')).toBe(VALUE_CODECS.number)
    expect(schema.codecOf('shard:of:1')).toBe(VALUE_CODECS.boolean)
    expect(schema.codecOf('unknown')).toBeUndefined()
    const overlapping = defineSchema({ '*': 'json', load: 'number' })
    expect(overlapping.codecOf('load')).toBe(VALUE_CODECS.number)
    expect(overlapping.codecOf('constructor')).toBe(VALUE_CODECS.json)
  })

  it('refuses what is none', () => {
    const wrong: readonly unknown[] = [
      null,
      'x',
      { '': 'string' },
      { a: 'text' },
      { a: 'toString' },
      { a: {} },
    ]
    for (const shape of wrong) {
      expect(() => defineSchema(shape as never)).toThrow(
        expect.objectContaining({ code: 'GOSSIP_INVALID_OPTION' }),
      )
    }
  })
})

describe('values', () => {
  const values: readonly (readonly [ValueType, unknown])[] = [
    ['string', 'zwölf'],
    ['string', ''],
    ['number', 0.42],
    ['number', -1.2345678901234567e-100],
    ['boolean', true],
    ['bytes', Uint8Array.of(1, 2)],
    ['json', { a: [1, null] }],
  ]
  it.each(values)('of kind %s come back as they went in: %o', (type, value) => {
    const codec = VALUE_CODECS[type]
    expect(codec.decode(codec.encode(value))).toEqual(value)
  })

  const refused: readonly (readonly [ValueType, unknown])[] = [
    ['string', 1],
    ['string', '\ud800'],
    ['number', Number.NaN],
    ['number', '1'],
    ['boolean', 'true'],
    ['bytes', [1]],
    ['json', () => 1],
  ]
  it.each(refused)('of kind %s are refused when they are something else: %o', (type, value) => {
    expect(() => VALUE_CODECS[type].encode(value)).toThrow(
      expect.objectContaining({ code: 'HOST_VALUE_NOT_ENCODABLE' }),
    )
  })

  const malformed: readonly (readonly [ValueType, Uint8Array])[] = [
    ['string', Uint8Array.of(0xff)],
    ['number', text('')],
    ['number', text(' 1')],
    ['number', text('0x10')],
    ['number', text('1e999')],
    ['number', text('1'.repeat(1000))],
    ['boolean', Uint8Array.of(2)],
    ['boolean', Uint8Array.of(1, 1)],
    ['json', text('{')],
  ]
  it.each(malformed)('of kind %s are not made of other bytes', (type, bytes) => {
    expect(() => VALUE_CODECS[type].decode(bytes)).toThrow(
      expect.objectContaining({ code: 'HOST_BYTES_MALFORMED' }),
    )
  })

  it('of bytes do not share the caller’s array', () => {
    const given = Uint8Array.of(1)
    const encoded = VALUE_CODECS.bytes.encode(given)
    given[0] = 9
    expect([...encoded]).toEqual([1])
  })
})
