import { expect, test } from 'vitest'
import { fuzzDecoder, fuzzFromEnvironment } from '../../src/fuzz/index.ts'
import { formatScenario, parseScenario } from '../../src/scenario/parse-scenario.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'

const settings = fuzzFromEnvironment({ inputs: 3000 })

const EMPTY: Scenario = {
  ...{ v: 1, suite: 'register', seed: 7, nodes: ['a'], durationMs: 100 },
  ...{ settings: {}, operations: [], faults: [] },
}
const FULL: Scenario = {
  ...{ v: 1, suite: 'register', seed: 'deadbeef', nodes: ['a', 'b', 'c'], durationMs: 10_000 },
  network: { minLatencyMs: 1, meanLatencyMs: 5, distribution: 'uniform', loss: 0.1 },
  settings: { timeoutMs: 50, deep: [1, { two: null }] },
  operations: [
    { at: 10, process: 1, f: 'write', key: 'x', value: 1, node: 'a' },
    { at: 20.5, process: 2, f: 'read', node: 'b' },
  ],
  faults: [
    { at: 5, do: 'crash', node: '@leader', power: false, forMs: 10 },
    { at: 6, do: 'partition', groups: [['a'], ['b', 'c']] },
    { at: 7, do: 'cut', links: [['a', 'b']] },
    { at: 8, do: 'network', from: 'a', change: { loss: 0.5, distribution: null } },
    { at: 9, do: 'clock', node: 'c', rate: 2, skewMs: -5 },
    // oxlint-disable-next-line unicorn/no-thenable -- the name of a field of a step; nobody awaits this
    { at: 10, do: 'arm', point: 'write', skip: 1, then: { do: 'pause', node: '@here', forMs: 100 } },
    { at: 11, do: 'heal', to: 'b' },
  ],
  breaks: 'invariant: one leader',
}

test('scenarios of any bytes', { timeout: 20_000 + 5 * settings.inputs }, async () => {
  const report = await fuzzDecoder<Scenario>({
    ...settings,
    name: 'scenario',
    file: 'packages/testing/test/scenario/scenario.fuzz.test.ts',
    corpus: [EMPTY, FULL].map((scenario) => new TextEncoder().encode(formatScenario(scenario))),
    decode: (bytes) => parseScenario(new TextDecoder().decode(bytes)),
    encode: (scenario) => new TextEncoder().encode(formatScenario(scenario)),
    dictionary: [
      'null',
      '1e999',
      '-1',
      '[]',
      '{}',
      '"@leader"',
      '"__proto__":',
      '"constructor":',
      '"do":"disarm"',
      '"forMs":',
    ],
  })
  expect(report.values).toBeGreaterThan(report.inputs / 50)
  expect(Object.keys(report.refused)).toEqual(['TESTING_INVALID_OPTION'])
})
