import { fuzzDecoder, fuzzFromEnvironment } from '@colony/testing/fuzz'
import { expect, test } from 'vitest'
import { ColonyError } from '../src/core/error.ts'
import { jsonCodec } from '../src/json-codec.ts'

const codec = jsonCodec<unknown>()
const settings = fuzzFromEnvironment({ inputs: 5000 })

const VALUES: readonly unknown[] = [
  null,
  -12.5,
  'ein Satz, „zitiert“ 😀',
  { op: 'transfer', from: 'A1', to: 'A2', amount: 12_345, nested: { list: [1, [2, [3]], true, false] } },
  [{ id: 'n1', weight: 1 }, { id: 'n2' }, {}],
]

/** JSON says more than the codec writes: nesting deeper than it follows. */
function encode(value: unknown): Uint8Array | undefined {
  try {
    return codec.encode(value)
  } catch (error) {
    if (error instanceof ColonyError && error.message.includes('nested more than')) return undefined
    throw error
  }
}

test('JSON of any bytes', { timeout: 20_000 + 5 * settings.inputs }, async () => {
  const report = await fuzzDecoder({
    ...settings,
    name: 'json codec',
    file: 'packages/host/test/json-codec.fuzz.test.ts',
    corpus: VALUES.map((value) => codec.encode(value)),
    decode: (bytes) => codec.decode(bytes),
    encode,
    dictionary: [
      '[[[[[[[[',
      '{"a":',
      '__proto__',
      'constructor',
      '1e999',
      '-0',
      '\\ud800',
      '\\u0000',
      '\ufeff',
    ],
  })
  expect(report.values).toBeGreaterThan(report.inputs / 20)
  expect(Object.keys(report.refused).sort()).toEqual(['HOST_BYTES_MALFORMED', 'undefined'])
})
