import { describe, expect, test } from 'vitest'
import { formatScenario, parseScenario } from '../../src/scenario/parse-scenario.ts'
import type { Scenario } from '../../src/scenario/scenario.ts'

const scenario: Scenario = {
  v: 1,
  suite: 's',
  seed: 0x70,
  nodes: ['a', 'b'],
  durationMs: 100,
  network: { loss: 0.5, maxFrameBytes: 100 },
  disk: { sync: [1, 2] },
  settings: { any: [1] },
  operations: [{ at: 1.5, process: 1, f: 'write', key: 'k', value: { x: [null] }, node: 'a' }],
  faults: [
    { at: 1, do: 'crash', node: 'a', power: false },
    { at: 1, do: 'wipe', node: 'a' },
    { at: 2, do: 'restart', node: 'a' },
    { at: 3, do: 'pause', node: '@leader', forMs: 10 },
    { at: 4, do: 'resume', node: 'b' },
    { at: 5, do: 'partition', groups: [['a'], ['b', '@leader']] },
    { at: 6, do: 'cut', links: [['a', 'b']] },
    { at: 7, do: 'heal', from: 'a' },
    { at: 8, do: 'network', change: { loss: 0.5, distribution: 'uniform', reorder: null }, to: 'b' },
    { at: 9, do: 'clock', node: 'a', rate: 2, jumpMs: 5, skewMs: -5 },
    { at: 10, do: 'timers', node: 'a', slackMs: 3 },
    { at: 11, do: 'loop', node: 'a', busyMs: 3 },
    { at: 12, do: 'disk', node: 'a', change: { rot: 0.1, slowdown: null } },
    { at: 13, do: 'disarm' },
    {
      at: 14,
      do: 'arm',
      point: 'write',
      node: 'a',
      skip: 1,
      delayMs: 2,
      // oxlint-disable-next-line unicorn/no-thenable -- a fault step
      then: { do: 'crash', node: '@here' },
    },
  ],
  breaks: 'linearizability',
}

/** The scenario as JSON, with one thing changed. */
function changed(change: (draft: Record<string, unknown>) => void): string {
  const draft = JSON.parse(formatScenario(scenario)) as Record<string, unknown>
  change(draft)
  return JSON.stringify(draft)
}

describe('a scenario as a file', () => {
  test('comes back as it was, with a line for each step', () => {
    const text = formatScenario(scenario)
    expect(parseScenario(text)).toEqual(scenario)
    expect(text).toContain('\n    {"at":2,"do":"restart","node":"a"},\n')
    const { breaks: _, network: __, disk: ___, ...least } = { ...scenario, operations: [], faults: [] }
    expect(parseScenario(formatScenario(least))).toEqual(least)
  })

  test.each([
    ['{', /not JSON/],
    ['[]', /must be an object/],
    [changed((draft) => (draft['v'] = 2)), /version \(v\).*must be 1, not 2/],
    [changed((draft) => delete draft['v']), /version/],
    [changed((draft) => (draft['fault'] = [])), /unknown field 'fault'/],
    [changed((draft) => delete draft['settings']), /scenario\.settings must be there/],
    [changed((draft) => (draft['seed'] = -1)), /scenario\.seed/],
    [changed((draft) => (draft['seed'] = '')), /scenario\.seed/],
    [changed((draft) => (draft['nodes'] = ['a', 'a'])), /nodes/],
    [changed((draft) => (draft['nodes'] = [])), /nodes/],
    [changed((draft) => (draft['network'] = { los: 1 })), /unknown field 'los'/],
    [changed((draft) => (draft['network'] = { loss: 2 })), /loss/],
    [changed((draft) => (draft['disk'] = { sync: [1] })), /scenario\.disk\.sync must be a list of 2/],
    [changed((draft) => (draft['durationMs'] = '5')), /durationMs/],
    [changed((draft) => (draft['operations'] = {})), /operations must be a list/],
  ])('that is wrong is refused: %#', (text, message) => {
    expect(() => parseScenario(text)).toThrow(expect.objectContaining({ code: 'TESTING_INVALID_OPTION' }))
    expect(() => parseScenario(text)).toThrow(message)
  })

  test.each([
    [{ at: 1, process: 0, f: 'x', node: 'a' }, /operations\[0\]\.process/],
    [{ at: 1, process: 1.5, f: 'x', node: 'a' }, /whole/],
    [{ at: 1, process: 1, f: 'x', node: 'c' }, /operations\[0\]\.node must be one of a, b, not "c"/],
    [{ at: 1, process: 1, f: 'x', node: 'a', vale: 1 }, /unknown field 'vale'/],
    [{ process: 1, f: 'x', node: 'a' }, /operations\[0\]\.at must be there/],
  ])('an operation that is wrong is refused: %#', (operation, message) => {
    expect(() => parseScenario(changed((draft) => (draft['operations'] = [operation])))).toThrow(message)
  })

  test.each([
    [{ at: 1, do: 'crush', node: 'a' }, /faults\[0\]\.do must be one of crash, /],
    [{ at: 1, do: 'crash' }, /faults\[0\]\.node must be there/],
    [{ at: 1, do: 'crash', node: 'z' }, /a node of scenario\.faults\[0\] must be one of a, b/],
    [{ at: 1, do: 'crash', node: 'a', pwer: true }, /unknown field 'pwer'/],
    [{ at: -1, do: 'heal' }, /faults\[0\]\.at/],
    [{ at: 1, do: 'cut', links: [['a']] }, /links\[0\] must be a list of 2/],
    [{ at: 1, do: 'network', change: { lost: 1 } }, /one of .*loss/],
    [{ at: 1, do: 'network', change: { loss: 7 } }, /loss/],
    [{ at: 1, do: 'disk', node: 'a', change: { rots: 1 } }, /rot/],
    // oxlint-disable-next-line unicorn/no-thenable -- a fault step
    [{ at: 1, do: 'arm', point: 'p', then: { do: 'arm' } }, /faults\[0\]\.then\.do/],
    // oxlint-disable-next-line unicorn/no-thenable -- a fault step
    [{ at: 1, do: 'arm', point: 'p', then: { do: 'crash', node: 'z' } }, /faults\[0\]/],
    [{ at: 1, do: 'constructor', node: 'a' }, /faults\[0\]\.do/],
  ])('a fault that is wrong is refused: %#', (step, message) => {
    expect(() => parseScenario(changed((draft) => (draft['faults'] = [step])))).toThrow(message)
  })
})
