import { expect, test } from 'vitest'
import type { FaultStep } from '../../src/index.ts'
import { faultBands } from '../../src/report/bands.ts'

/** Bands of steps, each as `kind from-to text`. */
function bandsOf(...steps: FaultStep[]): string[] {
  const performed = steps.map((step) => ({ at: step.at, step }))
  return faultBands(performed, 100).map(({ kind, from, to, text }) => `${kind} ${from}-${to} ${text}`)
}

test('a partition lasts until it is healed', () => {
  expect(bandsOf({ at: 10, do: 'partition', groups: [['a'], ['b', 'c']] }, { at: 30, do: 'heal' })).toEqual([
    'partition 10-30 a | b c',
  ])
})

test('a partition replaces what kept nodes apart before, and the last one lasts to the end', () => {
  expect(
    bandsOf(
      { at: 5, do: 'cut', links: [['a', 'b']] },
      { at: 10, do: 'partition', groups: [['a'], ['b', 'c']] },
      { at: 20, do: 'partition', groups: [['b'], ['a', 'c']] },
    ),
  ).toEqual(['cut 5-10 cut a→b', 'partition 10-20 a | b c', 'partition 20-100 b | a c'])
})

test('a cut ends when the last of its links is healed', () => {
  expect(
    bandsOf(
      {
        at: 5,
        do: 'cut',
        links: [
          ['a', 'b'],
          ['a', 'c'],
        ],
      },
      { at: 10, do: 'heal', from: 'a', to: 'b' },
      { at: 20, do: 'heal', to: 'c' },
    ),
  ).toEqual(['cut 5-20 cut a→b, a→c'])
})

test('settings of links last as long as one of them does', () => {
  expect(
    bandsOf(
      { at: 10, do: 'network', change: { loss: 0.2, duplicate: 0.123456789 } },
      { at: 20, do: 'network', change: { loss: null } },
      { at: 30, do: 'network', change: { duplicate: null } },
    ),
  ).toEqual([
    'disturbance 10-20 all links: loss 0.2, duplicate 0.1235',
    'disturbance 20-30 all links: duplicate 0.1235',
  ])
})

test('what is taken back for all links is taken back for each', () => {
  expect(
    bandsOf(
      { at: 10, do: 'network', from: 'a', change: { loss: 1 } },
      { at: 20, do: 'network', change: { loss: null } },
    ),
  ).toEqual(['disturbance 10-20 links from a: loss 1'])
})

test('lasting faults of a node: late timers, a wrong rate, a busy loop, a bad disk', () => {
  expect(
    bandsOf(
      { at: 1, do: 'timers', node: 'a', slackMs: 5 },
      { at: 2, do: 'clock', node: 'b', rate: 1.5 },
      { at: 3, do: 'loop', node: 'c', busyMs: 4 },
      { at: 4, do: 'clock', node: 'b', jumpMs: 100 },
      { at: 5, do: 'timers', node: 'a', slackMs: 0 },
      { at: 6, do: 'clock', node: 'b', rate: 1 },
      { at: 7, do: 'loop', node: 'c', busyMs: 0 },
    ),
  ).toEqual([
    'disturbance 1-5 timers a: slackMs 5',
    'disturbance 2-6 clock b: rate 1.5',
    'disturbance 3-7 loop c: busyMs 4',
  ])
})

test('instants have no band', () => {
  expect(
    bandsOf(
      { at: 1, do: 'crash', node: 'a' },
      { at: 2, do: 'restart', node: 'a' },
      { at: 3, do: 'clock', node: 'b', jumpMs: 100 },
      // oxlint-disable-next-line unicorn/no-thenable -- the name of a field of a step; nobody awaits this
      { at: 4, do: 'arm', point: 'write', then: { do: 'crash', node: '@here' } },
    ),
  ).toEqual([])
})

test('bands that overlap get lines of their own, and lines are used again', () => {
  const steps: FaultStep[] = [
    { at: 10, do: 'partition', groups: [['a']] },
    { at: 15, do: 'timers', node: 'a', slackMs: 5 },
    { at: 20, do: 'heal' },
    { at: 30, do: 'cut', links: [['a', 'b']] },
  ]
  const bands = faultBands(
    steps.map((step) => ({ at: step.at, step })),
    100,
  )
  expect(bands.map(({ from, row }) => [from, row])).toEqual([
    [10, 0],
    [15, 1],
    [30, 0],
  ])
})
