import { ColonyError, malformed } from '@colony/host'
import { describe, expect, test } from 'vitest'
import { fuzzDecoder, FuzzFailure, type FuzzOptions, formatHex } from '../../src/fuzz/index.ts'
import { decodeToy, encodeToy, TOY_CORPUS, type Toy } from './toy-decoder.ts'

const SOUND: FuzzOptions<Toy> = {
  name: 'toy',
  corpus: TOY_CORPUS,
  decode: decodeToy,
  encode: encodeToy,
  canonical: true,
}

async function failure(options: FuzzOptions<unknown>): Promise<FuzzFailure> {
  const thrown: unknown = await fuzzDecoder(options).catch((error: unknown) => error)
  expect(thrown).toBeInstanceOf(FuzzFailure)
  return thrown as FuzzFailure
}

describe('a sound decoder', () => {
  test('passes, with values and refusals of several kinds among the inputs', async () => {
    const report = await fuzzDecoder({ ...SOUND, inputs: 5000 })
    expect(report.inputs).toBe(5000 + TOY_CORPUS.length)
    expect(report.values).toBeGreaterThan(500)
    expect(report.refused['HOST_BYTES_MALFORMED']).toBe(report.inputs - report.values)
    expect(report.outcomes).toBeGreaterThan(5)
  })

  test('sees the same inputs again with the same seed, and others with another', async () => {
    const inputsOf = async (seed: number): Promise<string[]> => {
      const seen: string[] = []
      await fuzzDecoder({ ...SOUND, seed, inputs: 300, onInput: (bytes) => seen.push(formatHex(bytes)) })
      return seen
    }
    const first = await inputsOf(1)
    expect(await inputsOf(1)).toEqual(first)
    expect(await inputsOf(2)).not.toEqual(first)
  })

  test('gets no input above maxBytes, and its input may be written to without harm', async () => {
    let longest = 0
    const decode = (bytes: Uint8Array): ReturnType<typeof decodeToy> => {
      longest = Math.max(longest, bytes.length)
      const result = decodeToy(bytes.slice())
      bytes.fill(0xaa)
      return result
    }
    await fuzzDecoder({ ...SOUND, decode, maxBytes: 220, inputs: 2000 })
    expect(longest).toBe(220)
    expect(TOY_CORPUS[1]).toEqual(Uint8Array.of(1, 1, 3, 1, 2, 3))
  })
})

describe('what counts as a refusal', () => {
  const refusals: [string, () => unknown][] = [
    ['undefined', () => undefined],
    ['a Decoded that is not ok', () => malformed('so')],
    [
      'an error of colony',
      () => {
        throw new ColonyError('X', 'no')
      },
    ],
  ]
  test.each(refusals)('%s', async (_, refuse) => {
    const decode = (bytes: Uint8Array): unknown => (bytes.length === 3 ? 'value' : refuse())
    const report = await fuzzDecoder({ name: 'x', corpus: [Uint8Array.of(1, 2, 3)], decode, inputs: 200 })
    expect(report.values).toBeLessThan(report.inputs)
  })

  test('another error, unless it is allowed', async () => {
    const decode = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes))
    const options = { name: 'json', corpus: [new TextEncoder().encode('{"a":1}')], decode, inputs: 500 }
    expect((await failure(options)).check).toBe('error')
    const allowed = (error: unknown): boolean => error instanceof SyntaxError
    expect((await fuzzDecoder({ ...options, allowed })).refused['undefined']).toBeGreaterThan(100)
  })
})

test('inputs that bring out something new are mutated further', async () => {
  // Each further step shows only to an input that is at the one before: five right bytes at once are found by nobody.
  const secret = [0xff, 0x80, 0x7f, 0x01, 0xfe]
  const decode = (bytes: Uint8Array): unknown => {
    let depth = 0
    while (depth < 5 && bytes[depth] === secret[depth]) depth++
    if (depth === 5) throw new RangeError('found')
    return { type: `depth ${depth}` }
  }
  const options = { name: 'steps', corpus: [new Uint8Array(5)], decode, inputs: 100_000 }
  expect([...(await failure(options)).input]).toEqual(secret)
  const report = await fuzzDecoder({ ...options, inputs: 30_000, shape: () => 'all the same' })
  expect(report.outcomes).toBe(1)
})

test('pieces of a dictionary get into inputs', async () => {
  const decode = (bytes: Uint8Array): unknown => {
    if (new TextDecoder().decode(bytes).includes('__proto__')) throw new RangeError('polluted')
    return 1
  }
  const options = { name: 'words', corpus: [new Uint8Array(8)], decode, inputs: 3000 }
  await fuzzDecoder(options)
  expect(formatHex((await failure({ ...options, dictionary: ['__proto__'] })).input)).toBe(
    '5f5f70726f746f5f5f',
  )
})

describe('a failure', () => {
  const decode = (bytes: Uint8Array): unknown => {
    if (bytes.length === 0) throw new RangeError('nothing')
    if (bytes.includes(0xee)) throw new TypeError('0xee')
    return 1
  }
  const options = { name: 'ee', corpus: [new Uint8Array(40).fill(7)], decode, inputs: 50_000 }

  test('ends with the bytes and the line that repeats it, which fails the same way', async () => {
    const place = { file: 'packages/a/test/a.fuzz.test.ts', test: "it's a" }
    const found = await failure({ ...options, ...place, only: Uint8Array.of(1, 0xee, 2) })
    expect(found.input).toEqual(Uint8Array.of(0xee))
    expect(found.message).toContain(
      'ee: the decoder threw what is not allowed: TypeError: 0xee (error, input 1)',
    )
    expect(found.message).toMatch(/\n1 bytes: ee\n/)
    expect(found.message.split('\n').at(-1)).toBe(
      "COLONY_FUZZ_INPUT=ee npx vitest run packages/a/test/a.fuzz.test.ts -t 'it'\\''s a'",
    )
    const again = await failure({ ...options, only: found.input })
    expect([again.check, again.inputs, again.input]).toEqual(['error', 1, found.input])
    expect(again.cause).toBeInstanceOf(TypeError)
  })

  test('of an empty input has a line too', async () => {
    const found = await failure({ ...options, file: 'a.test.ts', only: new Uint8Array(0) })
    expect(found.message).toContain('0 bytes: no bytes')
    expect(found.message).toContain('COLONY_FUZZ_INPUT=empty npx vitest run a.test.ts')
  })

  test('is minimised to one of the same kind: not to the other one, which is shorter', async () => {
    const found = await failure({ ...options, only: Uint8Array.of(1, 2, 3, 0xee, 4, 5) })
    expect(found.message).toContain('0xee')
    expect(found.input).toEqual(Uint8Array.of(0xee))
  })
})

describe('no false alarm', () => {
  test('of time: an input is slow only when it is slow five times in a row', async () => {
    let calls = 0
    const decode = (): number => {
      const until = performance.now() + (calls++ % 5 === 0 ? 0 : 8)
      while (performance.now() < until);
      return 1
    }
    const options = { name: 'pauses', corpus: [Uint8Array.of(1)], decode, inputs: 40, maxMs: 6 }
    await fuzzDecoder(options)
    calls = 1
    const always = { ...options, decode: () => ((calls = 1), decode()) }
    expect((await failure(always)).check).toBe('time')
  })

  test('of memory: what is allocated elsewhere, and what is collected, does not count', async () => {
    let read = 0
    let used = 0
    // Another part of the program allocates a lot now and then, and the garbage of all of it is collected at times.
    const memory = { read: () => (used += read++ % 4 === 1 ? 1e9 : -3e8), bytesPerByte: 1, baseBytes: 100 }
    const options = { name: 'heap', corpus: [new Uint8Array(100)], decode: () => 1, inputs: 500 }
    await fuzzDecoder({ ...options, memory })
    const hungry = { read: () => (used += 201), bytesPerByte: 1, baseBytes: 100 }
    const { check, message, input } = await failure({ ...options, memory: hungry })
    expect(check).toBe('memory')
    expect(message).toContain('allocated 201 bytes')
    expect(input.length).toBeLessThanOrEqual(100)
    await fuzzDecoder({ ...options, memory: false })
  })
})

describe('options', () => {
  test('a corpus that is refused is refused: it would reach the first check only', async () => {
    const corpus = [...TOY_CORPUS, Uint8Array.of(9)]
    await expect(fuzzDecoder({ ...SOUND, corpus })).rejects.toThrow(/frame 3 of the corpus is refused/)
  })

  test.each<[string, Partial<FuzzOptions<Toy>>]>([
    ['corpus', { corpus: [] }],
    ['inputs', { inputs: -1 }],
    ['maxBytes', { maxBytes: 0 }],
    ['maxMs', { maxMs: 0 }],
    ['memory.bytesPerByte', { memory: { bytesPerByte: -1 } }],
    ['memory.baseBytes', { memory: { baseBytes: Number.NaN } }],
  ])('%s out of range', async (name, options) => {
    const run = fuzzDecoder({ ...SOUND, ...options })
    await expect(run).rejects.toThrow(name)
    await expect(run).rejects.toMatchObject({ code: 'TESTING_INVALID_OPTION' })
  })
})
