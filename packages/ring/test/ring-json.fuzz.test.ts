import { fuzzDecoder, fuzzFromEnvironment } from '@colony/testing/fuzz'
import { expect, test } from 'vitest'
import { createRing, ringFromJSON, type RingJSON, type RingNode } from '../src/index.ts'
import { createPartitions, partitionsFromJSON, type PartitionsJSON } from '../src/strategies/index.ts'
import { servers } from './nodes.ts'

const FILE = 'packages/ring/test/ring-json.fuzz.test.ts'
const settings = fuzzFromEnvironment({ inputs: 2000 })
const timeout = 60_000 + 10 * settings.inputs
const DICTIONARY = [
  'null',
  '[]',
  '{}',
  '""',
  'true',
  '-1',
  '1e999',
  '"__proto__":',
  '"weight":0.5',
  '"zone":"z"',
]

const bytesOf = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value))

/** A few digits are enough to ask for gigabytes; so these are the limits that whoever takes descriptions from strangers sets. */
const maxPoints = 20_000
const maxDraws = 20_000

/** What is not JSON never gets as far as the ring. */
function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown
  } catch {
    return undefined
  }
}

test('rings of any JSON', { timeout }, async () => {
  const nodes = servers(3, (node, at) => ({ ...node, weight: at + 1 }))
  const corpus = [
    createRing([{ id: 'a' }], { vnodes: 4 }),
    createRing(nodes, { seed: 7, vnodes: 10, overrides: { 'user:1': nodes[0]?.id ?? '', ключ: 'later' } }),
  ]
  const report = await fuzzDecoder<string>({
    ...settings,
    name: 'ring JSON',
    file: FILE,
    test: 'rings of any JSON',
    corpus: corpus.map(bytesOf),
    decode: (bytes) => {
      const json = parsed(bytes)
      return json === undefined
        ? undefined
        : JSON.stringify(ringFromJSON(json as RingJSON<RingNode>, { maxPoints }))
    },
    encode: (text) => new TextEncoder().encode(text),
    dictionary: DICTIONARY,
    // A description is small, what it describes is not.
    memory: { baseBytes: 16 * 1024 * 1024 },
    shape: () => 'a ring',
  })
  expect(Object.keys(report.refused)).toContain('RING_MISMATCH')
})

test('partitions of any JSON', { timeout }, async () => {
  const corpus = [
    createPartitions(servers(3), { count: 32 }),
    createPartitions(servers(2), { count: 8, maxLoad: 1.5 }),
  ]
  const report = await fuzzDecoder<string>({
    ...settings,
    name: 'partitions JSON',
    file: FILE,
    test: 'partitions of any JSON',
    corpus: corpus.map(bytesOf),
    decode: (bytes) => {
      const json = parsed(bytes)
      return json === undefined
        ? undefined
        : JSON.stringify(partitionsFromJSON(json as PartitionsJSON<RingNode>, { maxDraws }))
    },
    encode: (text) => new TextEncoder().encode(text),
    dictionary: DICTIONARY,
    // A description is small, what it describes is not.
    memory: { baseBytes: 16 * 1024 * 1024 },
    shape: () => 'partitions',
  })
  expect(Object.keys(report.refused)).toContain('RING_MISMATCH')
})
