import { describe, expect, test } from 'vitest'
import { type FailurePicture, renderText, type TimelineEvent } from '../../src/report/index.ts'
import { excerpt } from '../../src/report/text.ts'
import { done, send, timelineOf } from './timelines.ts'

const EVENTS: readonly TimelineEvent[] = [
  { kind: 'role', at: 1, node: 'a', role: 'leader', term: 1 },
  send(2, 1),
  { kind: 'deliver', at: 3, frame: 1 },
  send(4, 2),
  { kind: 'lose', at: 4, frame: 2, reason: 'lost' },
  send(5, 3),
  { kind: 'lose', at: 6, frame: 3, reason: 'cut' },
  { kind: 'fault', at: 10, step: { at: 10, do: 'crash', node: 'a' } },
  { kind: 'state', at: 10, node: 'a', state: 'down' },
  { kind: 'role', at: 20, node: 'b', role: 'leader', term: 2 },
  { kind: 'role', at: 25, node: 'c', role: 'learner' },
  { kind: 'state', at: 30, node: 'c', state: 'paused' },
  { kind: 'note', at: 40, text: 'half time', node: 'b' },
  { kind: 'state', at: 50, node: 'a', state: 'up' },
  { kind: 'role', at: 60, node: 'b', role: '' },
]

test('a line an event of importance, in columns: time, nodes, what happened', () => {
  expect(renderText({ title: 'my suite', timeline: timelineOf(EVENTS) }).split('\n')).toEqual([
    'my suite',
    '',
    '          ms  abc  what happened',
    '       1.000  L..  a becomes leader 1',
    '       4.000  L..  2 messages lost (lost 1, cut 1)',
    '      10.000  L..  fault: crash a',
    '      10.000  x..  a is down',
    '      20.000  xL.  b becomes leader 2',
    '      25.000  xLE  c becomes learner',
    '      30.000  xLz  c is paused',
    '      40.000  xLz  b: half time',
    '      50.000  .Lz  a is up',
    '      60.000  ..z  b steps down',
    '              . runs, x down, z paused, L leader, E learner',
    '',
  ])
})

test('fault steps of one instant share a line', () => {
  const fault = (at: number, node: string): TimelineEvent => ({
    kind: 'fault',
    at,
    step: { at, do: 'resume', node },
  })
  const events: TimelineEvent[] = [
    fault(5, 'a'),
    fault(5, 'b'),
    { kind: 'state', at: 5, node: 'b', state: 'up' },
    fault(5, 'c'),
    fault(6, 'a'),
  ]
  expect(
    renderText({ title: 't', timeline: timelineOf(events) })
      .split('\n')
      .slice(3, 7),
  ).toEqual([
    '       5.000  ...  fault: resume a; resume b',
    '       5.000  ...  b is up',
    '       5.000  ...  fault: resume c',
    '       6.000  ...  fault: resume a',
  ])
})

describe('operations', () => {
  const write = done(1, 'write', 5, 8, { value: 1 })
  const unknown = done(2, 'write', 6, Number.POSITIVE_INFINITY, { value: 2, outcome: 'unknown' })
  const stale = done(3, 'read', 40, 45, { result: 0 })
  const picture: FailurePicture = {
    title: 't',
    timeline: timelineOf([]),
    operations: [write, unknown, stale],
    witness: {
      key: 'x',
      operation: stale,
      prefix: [write, unknown, stale],
      shortest: true,
      lastLegal: [write],
    },
    failure: { check: 'linearizability', message: 'no legal order' },
    repro: 'COLONY_SEED=0x1 npx vitest run x',
  }

  test('have a line for the call and one for the return, and the first impossible one is marked', () => {
    const text = renderText(picture)
    expect(text).toContain('       5.000  ...  client 1: write x 1 …\n')
    expect(text).toContain('       8.000  ...  client 1: write x 1 ok  (1 of the last legal order)\n')
    expect(text).toContain('       6.000  ...  client 2: write x 2 … no answer\n')
    expect(text).toContain('>>    45.000  ...  client 3: read x → 0  THE FIRST IMPOSSIBLE OPERATION\n')
    expect(text.match(/^>>/gm)).toHaveLength(1)
  })

  test('are followed by why, and by the command that repeats the run, which is never cut', () => {
    const lines = renderText({ ...picture, repro: 'npx '.repeat(40) }, { columns: 50 }).split('\n')
    const why = lines.slice(
      lines.findIndex((line) => line.startsWith('client 3: read x → 0 is')),
      -3,
    )
    expect(why.join(' ')).toContain(
      'No order of the 3 operations that had been called by then gives this answer, whether or not the one without an answer took effect.',
    )
    for (const line of lines.slice(0, -2)) expect(line.length).toBeLessThanOrEqual(50)
    expect(lines.at(-2)).toBe(`repeat: ${'npx '.repeat(40)}`)
  })
})

describe('limits', () => {
  const events = Array.from({ length: 1000 }, (_, at): TimelineEvent => ({
    kind: 'note',
    at,
    text: `note ${at}`,
  }))
  const impossible = done(1, 'read', 100.5, 500.5, { result: 1 })
  const picture: FailurePicture = {
    title: 't',
    timeline: timelineOf(events, { endMs: 1000 }),
    witness: { key: '', operation: impossible, prefix: [impossible], shortest: true, lastLegal: [] },
  }

  test('the lines around the failure are kept, most of them before it', () => {
    const text = renderText(picture, { lines: 10 })
    expect(text).toContain('… 494 lines before are left out')
    expect(text).toContain('note 493\n')
    expect(text).toContain('note 501\n')
    expect(text).not.toContain('note 502\n')
    expect(text).toContain('… 498 lines after are left out')
    expect(text.match(/note \d+/g)).toHaveLength(9)
  })

  test.each([
    [10, 9, 20, { from: 0, to: 10 }],
    [100, 0, 10, { from: 0, to: 10 }],
    [100, 99, 10, { from: 90, to: 100 }],
    [100, 50, 10, { from: 42, to: 52 }],
    [100, 50, 1, { from: 50, to: 51 }],
  ])('of %i lines with the failure at %i, %i are kept', (count, failureAt, most, kept) => {
    expect(excerpt(count, failureAt, most)).toEqual(kept)
  })

  test('options out of range are refused', () => {
    expect(() => renderText(picture, { columns: 10 })).toThrow('columns must be a number from 40 to 1000')
    expect(() => renderText(picture, { lines: 0 })).toThrow('lines must be a number from 1 to 100000')
  })
})

test('nothing that users put in breaks a line, forges one, or reaches the terminal', () => {
  const evil = 'x\n>>  1.000 forged\u001b[2J\r\u2028::error::'
  const text = renderText({
    title: evil,
    timeline: timelineOf(
      [
        { kind: 'note', at: 1, text: evil },
        { kind: 'role', at: 2, node: evil, role: evil },
      ],
      { nodes: [evil, 'b'] },
    ),
    operations: [done(evil, evil, 1, 2, { value: evil })],
    failure: { check: evil, message: evil },
    repro: evil,
  })
  expect(Array.from(text).filter((character) => character < ' ' && character !== '\n')).toEqual([])
  expect(text).not.toContain('\u2028')
  expect(text).not.toMatch(/^(>>|::)/m)
})

test('a message of several lines keeps them, each with a margin', () => {
  const failure = { check: 'convergence', message: 'convergence: a is alone\nlast events:\n  1 ms' }
  expect(renderText({ title: 't', timeline: timelineOf([]), failure })).toContain(
    't\nfailed: convergence: a is alone\n  last events:\n    1 ms\n\n',
  )
})

test('what failed is told in full, on several lines if need be', () => {
  const message = 'no order of the operations explains this answer'
  const failure = { check: 'linearizability', message }
  expect(renderText({ title: 't', timeline: timelineOf([]), failure }, { columns: 40 })).toContain(
    'failed: linearizability: no order of the\noperations explains this answer\n',
  )
})

test('nodes with long names get numbers, told below the table', () => {
  const timeline = timelineOf([{ kind: 'role', at: 1, node: 'second', role: 'holder' }], {
    nodes: ['first', 'second'],
  })
  const text = renderText({ title: 't', timeline })
  expect(text).toContain('ms  12  what happened\n       1.000  .H  second becomes holder\n')
  expect(text).toContain('nodes: 1 first, 2 second\n')
})
