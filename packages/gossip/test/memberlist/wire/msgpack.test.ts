import { describe, expect, it } from 'vitest'
import { MsgpackReader, type MsgpackValue } from '../../../src/memberlist/wire/msgpack-reader.ts'
import { MsgpackWriter } from '../../../src/memberlist/wire/msgpack-writer.ts'
import { hex } from './collect.ts'

function read(text: string, maxValues = 1000): MsgpackValue | undefined {
  return new MsgpackReader(Uint8Array.from(Buffer.from(text, 'hex')), 0, maxValues).value()
}

function outcome(text: string): string {
  const reader = new MsgpackReader(Uint8Array.from(Buffer.from(text, 'hex')))
  reader.value()
  return reader.outcome
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.of(...values)

describe('reading msgpack', () => {
  it.each<[string, MsgpackValue]>([
    ['00', 0],
    ['7f', 127],
    ['ff', -1],
    ['e0', -32],
    ['c0', null],
    ['c2', false],
    ['c3', true],
    ['ccff', 255],
    ['cd0100', 256],
    ['ce00010000', 65_536],
    ['cf0000000100000000', 4_294_967_296],
    ['cfffffffffffffffff', 18_446_744_073_709_551_615n],
    ['d0ff', -1],
    ['d1ff00', -256],
    ['d2ffff0000', -65_536],
    ['d3ffffffffffffffff', -1],
    ['ca3f800000', 1],
    ['cb3ff0000000000000', 1],
    ['a161', bytes(0x61)],
    ['d90161', bytes(0x61)],
    ['da000161', bytes(0x61)],
    ['db0000000161', bytes(0x61)],
    ['c40161', bytes(0x61)],
    ['c5000161', bytes(0x61)],
    ['c60000000161', bytes(0x61)],
    ['920102', [1, 2]],
    ['dc00020102', [1, 2]],
    ['dd000000020102', [1, 2]],
    ['81a16101', new Map([['a', 1]])],
    ['de0001a16101', new Map([['a', 1]])],
    ['df00000001a16101', new Map([['a', 1]])],
    ['d40500', bytes(5, 0)],
    ['c70105ff', bytes(5, 0xff)],
  ])('reads %s', (text, value) => {
    expect(read(text)).toEqual(value)
  })

  it('tells what is short, and by how much, from what is malformed', () => {
    const reader = new MsgpackReader(Uint8Array.from(Buffer.from('da0100', 'hex')))
    expect(reader.value()).toBeUndefined()
    expect([reader.outcome, reader.needed]).toEqual(['short', 259])
    expect(outcome('c1')).toBe('malformed')
    expect(outcome('8101')).toBe('short')
    expect(outcome('810101')).toBe('malformed')
    expect(outcome('81a1ff01')).toBe('malformed')
  })

  it('has bounds for depth, number of values and length', () => {
    expect(read('91'.repeat(8) + '01')).toBeDefined()
    expect(outcome('91'.repeat(9) + '01')).toBe('malformed')
    expect(read('9f' + '01'.repeat(15), 16)).toBeDefined()
    expect(read('9f' + '01'.repeat(15), 15)).toBeUndefined()
    expect(outcome('ddffffffff01')).toBe('short')
    expect(outcome('dbffffffff01')).toBe('short')
  })
})

describe('writing msgpack', () => {
  const written = (write: (writer: MsgpackWriter) => void): string => {
    const writer = new MsgpackWriter()
    write(writer)
    return hex(writer.finish())
  }

  it('takes the shortest form for numbers', () => {
    const uint = (value: number): string => written((writer) => writer.uint(value))
    expect([0, 127, 128, 255, 256, 65_535, 65_536].map(uint)).toEqual([
      '00',
      '7f',
      'cc80',
      'ccff',
      'cd0100',
      'cdffff',
      'ce00010000',
    ])
    expect(uint(2 ** 32)).toBe('cf0000000100000000')
    expect(uint(Number.MAX_SAFE_INTEGER)).toBe('cf001fffffffffffff')
  })

  it('writes strings and bytes as raw, never as the newer forms', () => {
    const raw = (length: number): string => written((writer) => writer.raw(new Uint8Array(length)))
    expect(raw(31).slice(0, 2)).toBe('bf')
    expect(raw(32).slice(0, 6)).toBe('da0020')
    expect(raw(65_535).slice(0, 6)).toBe('daffff')
    expect(raw(65_536).slice(0, 10)).toBe('db00010000')
    expect(written((writer) => writer.string('é'))).toBe('a2c3a9')
    expect(written((writer) => writer.map(16))).toBe('de0010')
    expect(written((writer) => writer.array(65_536))).toBe('dd00010000')
  })
})
