import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteReader } from '../../src/core/bytes-reader.ts'
import { ByteWriter } from '../../src/core/bytes-writer.ts'
import { decodeWith } from '../../src/core/decoded.ts'
import { codedError } from '../coded-error.ts'

type Field =
  | readonly ['u8' | 'u32' | 'varint' | 'f64', number]
  | readonly ['string', string]
  | readonly ['bytes', Uint8Array]

const field: fc.Arbitrary<Field> = fc.oneof(
  fc.tuple(fc.constant('u8' as const), fc.nat(255)),
  fc.tuple(fc.constant('u32' as const), fc.nat(0xffff_ffff)),
  fc.tuple(fc.constant('varint' as const), fc.maxSafeNat()),
  fc.tuple(
    fc.constant('varint' as const),
    fc
      .tuple(fc.nat(53), fc.nat(2))
      .map(([bits, less]) => Math.max(0, 2 ** bits - less - (bits === 53 ? 1 : 0))),
  ),
  fc.tuple(fc.constant('f64' as const), fc.double()),
  fc.tuple(fc.constant('string' as const), fc.string({ unit: 'grapheme', maxLength: 300 })),
  fc.tuple(fc.constant('bytes' as const), fc.uint8Array({ maxLength: 600 })),
)

function write(writer: ByteWriter, [type, value]: Field): void {
  if (type === 'string') writer.string(value)
  else if (type === 'bytes') writer.bytes(value)
  else writer[type](value)
}

function written(put: (writer: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter()
  put(writer)
  return writer.finish()
}

/** The same number by way of bigint, as the reference. */
function leb128(value: number): number[] {
  const groups: number[] = []
  let rest = BigInt(value)
  for (; rest >= 128n; rest >>= 7n) groups.push(Number(rest & 127n) | 128)
  return [...groups, Number(rest)]
}

describe('ByteWriter and ByteReader', () => {
  const writer = new ByteWriter()

  it('bring back every sequence of fields, from one writer used again and again', () => {
    fc.assert(
      fc.property(fc.array(field, { maxLength: 30 }), (fields) => {
        for (const each of fields) write(writer, each)
        const length = writer.length
        const bytes = writer.finish()
        expect(bytes.byteLength).toBe(length)
        expect(writer.length).toBe(0)
        const reader = new ByteReader(bytes)
        for (const [type, value] of fields) expect(reader[type]()).toEqual(value)
        reader.end()
        expect(reader.reason).toBeUndefined()
      }),
    )
  })

  it('give messages that later ones do not touch, small or large', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 3000 }), { minLength: 1, maxLength: 40 }),
        (contents) => {
          const messages = contents.map((content) => {
            writer.raw(content)
            return writer.finish()
          })
          messages.forEach((message, at) => expect([...message]).toEqual([...(contents[at] ?? [])]))
        },
      ),
      { numRuns: 50 },
    )
  })

  it('agree with the definition of LEB128', () => {
    fc.assert(
      fc.property(fc.oneof(fc.maxSafeNat(), fc.nat(2 ** 29)), (value) => {
        expect([...written((to) => to.varint(value))]).toEqual(leb128(value))
      }),
    )
    for (let bits = 0; bits < 53; bits++) {
      for (const value of [2 ** bits - 1, 2 ** bits, 2 ** bits + 1]) {
        expect([...written((to) => to.varint(value))]).toEqual(leb128(value))
      }
    }
  })

  it('use little endian', () => {
    expect([...written((to) => to.u32(0x89abcdef))]).toEqual([0xef, 0xcd, 0xab, 0x89])
    expect([...written((to) => to.f64(1))]).toEqual([0, 0, 0, 0, 0, 0, 0xf0, 0x3f])
  })

  it('read from a view in the middle of a larger buffer', () => {
    const inner = written((to) => {
      to.f64(Math.PI)
      to.string('día')
    })
    const outer = new Uint8Array(inner.length + 7)
    outer.set(inner, 3)
    const reader = new ByteReader(outer.subarray(3, 3 + inner.length))
    expect(reader.f64()).toBe(Math.PI)
    expect(reader.string()).toBe('día')
    expect(reader.remaining).toBe(0)
  })
})

describe('ByteWriter', () => {
  it.each([
    ['u8', -1],
    ['u8', 256],
    ['u8', 1.5],
    ['u32', 2 ** 32],
    ['u32', Number.NaN],
    ['varint', -1],
    ['varint', 0.5],
    ['varint', 2 ** 53],
    ['varint', Number.POSITIVE_INFINITY],
  ] as const)('refuses %s(%d), naming the range, and stays usable', (type, value) => {
    const writer = new ByteWriter()
    writer.u8(7)
    expect(() => writer[type](value)).toThrow(codedError('HOST_VALUE_NOT_ENCODABLE', '0 to 2'))
    expect([...writer.finish()]).toEqual([7])
  })

  it('is not bound to a message that it has finished', () => {
    const writer = new ByteWriter()
    writer.string('first')
    const first = writer.finish()
    writer.string('other')
    expect(new ByteReader(first).string()).toBe('first')
  })

  it('stays correct after it gave up a large buffer', () => {
    const writer = new ByteWriter()
    writer.f64(1)
    writer.raw(new Uint8Array(3_000_000).fill(5))
    expect(writer.finish()).toHaveLength(3_000_008)
    writer.f64(2)
    expect(new ByteReader(writer.finish()).f64()).toBe(2)
  })

  it('forgets with reset', () => {
    const writer = new ByteWriter()
    writer.u32(1)
    writer.reset()
    writer.u8(2)
    expect([...writer.finish()]).toEqual([2])
  })
})

describe('ByteReader', () => {
  const reads = ['u8', 'u32', 'varint', 'f64', 'string', 'bytes', 'count', 'raw', 'end'] as const

  function read(reader: ByteReader, kind: (typeof reads)[number]): unknown {
    if (kind === 'count') return reader.count(1000, 2)
    if (kind === 'raw') return reader.raw(5)
    return reader[kind]()
  }

  it('never throws and never reads beyond the end, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.array(fc.constantFrom(...reads)), (bytes, kinds) => {
        const reader = new ByteReader(bytes)
        for (const kind of kinds) {
          const failedBefore = reader.failed
          const reasonBefore = reader.reason
          const value = read(reader, kind)
          if (reader.remaining < 0 || reader.remaining > bytes.length)
            expect.fail(`${kind} left ${reader.remaining}`)
          if (reader.failed) expect([0, '', undefined, new Uint8Array(0)]).toContainEqual(value)
          if (failedBefore) expect(reader.reason).toBe(reasonBefore)
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('fails at every cut of a message, and never at its end', () => {
    const message = written((to) => {
      to.u8(1)
      to.u32(2)
      to.varint(300)
      to.f64(4)
      to.string('fünf')
      to.bytes(Uint8Array.of(6, 6))
    })
    const readAll = (reader: ByteReader): unknown[] => [
      reader.u8(),
      reader.u32(),
      reader.varint(),
      reader.f64(),
      reader.string(),
      reader.bytes(),
    ]
    const reader = new ByteReader()
    for (let cut = 0; cut < message.length; cut++) {
      const result = decodeWith(reader, message.subarray(0, cut), readAll)
      expect(result).toMatchObject({ ok: false, error: { code: 'HOST_BYTES_MALFORMED' } })
    }
    expect(decodeWith(reader, message, readAll)).toEqual({
      ok: true,
      value: [1, 2, 300, 4, 'fünf', Uint8Array.of(6, 6)],
    })
    const longer = Uint8Array.of(...message, 0)
    expect(decodeWith(reader, longer, readAll)).toMatchObject({ ok: false })
  })

  it.each([
    ['above 2^53 - 1', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x10], 'above'],
    ['of nine bytes', [0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], 'longer than 8'],
    ['that is padded', [0x81, 0x00], 'longer than needed'],
    ['without an end', [0x80, 0x80], 'does not fit'],
  ])('refuses a varint %s', (_name, bytes, reason) => {
    const reader = new ByteReader(Uint8Array.from(bytes))
    expect(reader.varint()).toBe(0)
    expect(reader.failed).toBe(true)
    expect(reader.reason).toContain(reason)
  })

  it('refuses a length beyond the end before it makes anything of it', () => {
    const huge = written((to) => to.varint(Number.MAX_SAFE_INTEGER))
    for (const kind of ['string', 'bytes'] as const) {
      const reader = new ByteReader(huge)
      expect(reader[kind]()).toHaveLength(0)
      expect(reader.reason).toContain('does not fit: 0 bytes remain')
    }
  })

  it('bounds counts by a limit and by what remains', () => {
    const three = Uint8Array.of(3, 1, 2, 3)
    expect(new ByteReader(three).count(3, 1)).toBe(3)
    const above = new ByteReader(three)
    expect(above.count(2)).toBe(0)
    expect(above.reason).toContain('above the limit of 2')
    const tooMany = new ByteReader(three)
    expect(tooMany.count(3, 2)).toBe(0)
    expect(tooMany.failed).toBe(true)
  })

  it('keeps failing until reset', () => {
    const reader = new ByteReader(Uint8Array.of(1, 2, 3))
    reader.fail('unknown tag 9')
    expect([reader.u8(), reader.varint(), reader.string(), reader.remaining]).toEqual([0, 0, '', 0])
    reader.end()
    expect(reader.reason).toBe('unknown tag 9')
    reader.reset(Uint8Array.of(4))
    expect(reader.failed).toBe(false)
    expect(reader.u8()).toBe(4)
  })

  it('gives views, not copies', () => {
    const bytes = Uint8Array.of(2, 8, 9)
    const view = new ByteReader(bytes).bytes()
    expect(view.buffer).toBe(bytes.buffer)
    expect([...view]).toEqual([8, 9])
  })
})
