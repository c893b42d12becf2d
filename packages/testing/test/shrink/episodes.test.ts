import { expect, test } from 'vitest'
import type { FaultStep } from '../../src/faults/fault-step.ts'
import { episodesOf } from '../../src/shrink/episodes.ts'

const pairs: readonly (readonly [FaultStep, FaultStep])[] = [
  [
    { at: 1, do: 'crash', node: 'a' },
    { at: 2, do: 'restart', node: 'a' },
  ],
  [
    { at: 3, do: 'wipe', node: 'b' },
    { at: 4, do: 'restart', node: 'b' },
  ],
  [
    { at: 5, do: 'pause', node: 'a' },
    { at: 6, do: 'resume', node: 'a' },
  ],
  [
    { at: 7, do: 'partition', groups: [['a'], ['b']] },
    { at: 8, do: 'heal' },
  ],
  [
    { at: 9, do: 'network', change: { loss: 1, reorder: 1 }, from: 'a' },
    { at: 10, do: 'network', change: { loss: null, reorder: null }, from: 'a' },
  ],
  [
    { at: 11, do: 'disk', node: 'a', change: { rot: 1 } },
    { at: 12, do: 'disk', node: 'a', change: { rot: null } },
  ],
  [
    { at: 13, do: 'clock', node: 'a', rate: 2 },
    { at: 14, do: 'clock', node: 'a', rate: 1 },
  ],
  [
    { at: 15, do: 'timers', node: 'a', slackMs: 5 },
    { at: 16, do: 'timers', node: 'a', slackMs: 0 },
  ],
  [
    { at: 17, do: 'loop', node: 'a', busyMs: 5 },
    { at: 18, do: 'loop', node: 'a', busyMs: 0 },
  ],
]

test.each(pairs)('a fault and its end belong together: %#', (begin, end) => {
  const between: FaultStep = { at: begin.at, do: 'crash', node: 'z' }
  expect(episodesOf([begin, between, end])).toEqual([[begin, end], [between]])
})

test('each end belongs to one fault, and only to one of the same kind and node', () => {
  const steps = pairs.flat()
  expect(episodesOf(steps.toSorted((left, right) => left.at - right.at))).toEqual(pairs)
  const [first, second]: FaultStep[] = [
    { at: 1, do: 'crash', node: 'a' },
    { at: 2, do: 'crash', node: 'a' },
  ]
  const end: FaultStep = { at: 3, do: 'restart', node: 'a' }
  expect(episodesOf([first!, second!, end])).toEqual([[first, end], [second]])
  const other: FaultStep = { at: 3, do: 'restart', node: 'b' }
  expect(episodesOf([first!, other])).toEqual([[first], [other]])
  const partly: FaultStep = { at: 10, do: 'network', change: { loss: null }, from: 'a' }
  const [loss] = pairs[4]!
  expect(episodesOf([loss, partly])).toEqual([[loss], [partly]])
})
