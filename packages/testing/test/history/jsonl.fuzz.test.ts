import { expect, test } from 'vitest'
import { fuzzDecoder, fuzzFromEnvironment } from '../../src/fuzz/index.ts'
import { formatHistory } from '../../src/history/format-history.ts'
import type { Operation } from '../../src/history/operation.ts'
import { parseHistory } from '../../src/history/parse-history.ts'

const settings = fuzzFromEnvironment({ inputs: 3000 })

const TIMED = `{"process":0,"type":"invoke","f":"write","key":"x","value":1,"time":10}
{"process":1,"type":"invoke","f":"read","key":"x","time":11}
{"process":0,"type":"ok","f":"write","time":14}
{"process":1,"type":"ok","f":"read","result":1,"time":15}
`
const UNTIMED = `{"process":"a","type":"invoke","f":"cas","value":[1,{"n":[2]}]}
{"process":"a","type":"info"}
{"process":"a","type":"invoke","f":"read","key":7}
{"process":"a","type":"fail","f":"read"}
{"process":2,"type":"invoke","f":"enqueue","value":"ü"}`

/** Operations that begin at one time may be written in another order. */
function inOrder(operations: readonly Operation[]): string {
  return operations
    .map((operation) => JSON.stringify({ ...operation, completedAt: String(operation.completedAt) }))
    .sort()
    .join('\n')
}

test('histories of any bytes', { timeout: 20_000 + 5 * settings.inputs }, async () => {
  const report = await fuzzDecoder<readonly Operation[]>({
    ...settings,
    name: 'history JSONL',
    file: 'packages/testing/test/history/jsonl.fuzz.test.ts',
    corpus: [TIMED, UNTIMED].map((text) => new TextEncoder().encode(text)),
    decode: (bytes) => parseHistory(new TextDecoder().decode(bytes)),
    encode: (operations) => new TextEncoder().encode(formatHistory(operations)),
    same: (one, other) => inOrder(one) === inOrder(other),
    dictionary: [
      'null',
      '1e999',
      '[[[[[[[[',
      '"time":',
      '"key":',
      '"process":',
      '"type":"ok"',
      '__proto__',
      '\n',
      '\u2028',
    ],
  })
  expect(report.values).toBeGreaterThan(report.inputs / 20)
  expect(Object.keys(report.refused)).toEqual(['TESTING_INVALID_HISTORY'])
})
