import { describe, expect, test } from 'vitest'
import { fuzzDecoder, FuzzFailure, type FuzzOptions } from '../../src/fuzz/index.ts'
import { CarelessCursor, decodeToy, encodeToy, TOY_CORPUS, type Toy } from './toy-decoder.ts'

/** Decodes as {@link decodeToy} does, with one step done wrongly. */
type Bug = (
  cursor: CarelessCursor,
  item: (length: number) => Uint8Array | undefined,
) => Uint8Array | undefined

function buggy(readItem: Bug): (bytes: Uint8Array) => Toy | undefined {
  return (bytes) => {
    const cursor = new CarelessCursor(bytes)
    const [version, count] = [cursor.varint(), cursor.varint()]
    if (version === undefined || count === undefined || version > 2 || count > 1000) return undefined
    const items: Uint8Array[] = []
    for (let nth = 0; nth < count; nth++) {
      const item = readItem(cursor, (length) => cursor.take(length))
      if (item === undefined) return undefined
      items.push(item)
    }
    return cursor.left === 0 ? { version, items } : undefined
  }
}

async function failureOf(options: Partial<FuzzOptions<Toy>>): Promise<FuzzFailure> {
  const run = fuzzDecoder<Toy>({
    name: 'toy',
    corpus: TOY_CORPUS,
    decode: decodeToy,
    inputs: 20_000,
    ...options,
  })
  const error: unknown = await run.catch((thrown: unknown) => thrown)
  if (error instanceof FuzzFailure) return error
  throw new Error(`nothing was found: ${JSON.stringify(error)}`)
}

describe('a planted bug is found, minimised and named:', () => {
  test('a length that is not compared with what is there (error)', async () => {
    const decode = buggy((cursor) => {
      const length = cursor.varint() ?? 0
      return Uint8Array.from({ length: Math.min(length, 5000) }, () => cursor.byte())
    })
    const { check, input, message, code } = await failureOf({ decode })
    expect({ check, code }).toEqual({ check: 'error', code: 'TESTING_FUZZ_FAILED' })
    expect(message).toContain('RangeError: read beyond the end')
    // A version, one item, and a length with nothing behind it.
    expect(input).toHaveLength(3)
  })

  test('room that is made before the length is looked at (memory)', async () => {
    const decode = buggy((cursor, item) => {
      const length = cursor.varint() ?? 0
      const room = new Uint8Array(Math.min(length, 2 ** 27))
      return room.length === length ? item(length) : undefined
    })
    const { check, input } = await failureOf({ decode })
    expect(check).toBe('memory')
    expect(input.length).toBeLessThan(32)
  })

  test('work for as long as the input says (time)', async () => {
    const decode = buggy((cursor, item) => {
      const length = cursor.varint() ?? 0
      // Far from the limit on either side, so that the speed of this machine does not matter.
      const until = performance.now() + (length > 2 ** 20 ? 20 : 0)
      while (performance.now() < until);
      return item(length)
    })
    const { check, input } = await failureOf({ decode, maxMs: 10 })
    expect(check).toBe('time')
    expect(input.length).toBeLessThan(32)
  })

  test('text that ends at a zero when it is written, but not when it is read (round-trip)', async () => {
    const upToZero = (item: Uint8Array): Uint8Array =>
      item.includes(0) ? item.slice(0, item.indexOf(0)) : item
    const encode = ({ version, items }: Toy): Uint8Array => encodeToy({ version, items: items.map(upToZero) })
    const { check, message } = await failureOf({ encode })
    expect(check).toBe('round-trip')
    expect(message).toContain('comes back as another')
  })

  test('a value that its own encoder refuses (round-trip)', async () => {
    const encode = (toy: Toy): Uint8Array => {
      if (toy.items.some((item) => item.includes(0x7f))) throw new TypeError('a delete')
      return encodeToy(toy)
    }
    const { check, message } = await failureOf({ encode })
    expect(check).toBe('round-trip')
    expect(message).toContain('does not encode: TypeError: a delete')
  })

  test('a number in more bytes than it needs (spelling)', async () => {
    const decode = buggy((cursor, item) => item(cursor.varint() ?? 0))
    const { check } = await failureOf({ decode, encode: encodeToy, canonical: true })
    expect(check).toBe('spelling')
    // The same decoder keeps every other promise.
    const kept = { name: 'toy', corpus: TOY_CORPUS, decode, encode: encodeToy, inputs: 2000 }
    expect((await fuzzDecoder(kept)).values).toBeGreaterThan(100)
  })

  test('a promise that rejects with what is not allowed (error)', async () => {
    const decode = async (bytes: Uint8Array): Promise<Toy | undefined> => {
      await Promise.resolve()
      if (bytes.length > 4 && bytes[2] === 0xff) throw new RangeError('late')
      const result = decodeToy(bytes)
      return result.ok ? result.value : undefined
    }
    const { check, input } = await failureOf({ decode })
    expect(check).toBe('error')
    expect([...input]).toEqual([0, 0, 0xff, 0, 0])
  })
})
