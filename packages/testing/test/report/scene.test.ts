import { describe, expect, test } from 'vitest'
import { fromColumns, toColumns } from '../../src/report/columns.ts'
import { layoutScene } from '../../src/report/scene.ts'
import { sceneFromJson, sceneToJson } from '../../src/report/scene-json.ts'
import type { TimelineEvent } from '../../src/report/index.ts'
import { done, send, timelineOf } from './timelines.ts'

describe('the time of a picture', () => {
  test('is that of the world, from its beginning', () => {
    expect(layoutScene({ title: '', timeline: timelineOf([send(30, 1)]) })).toMatchObject({
      startMs: 0,
      endMs: 100,
    })
  })

  test('begins with what is known when earlier events were forgotten, or with an earlier operation', () => {
    const timeline = timelineOf([send(30, 1)], { forgotten: 9 })
    expect(layoutScene({ title: '', timeline })).toMatchObject({ startMs: 30, knownFromMs: 30 })
    const operations = [done(1, 'read', 10, 20)]
    expect(layoutScene({ title: '', timeline, operations })).toMatchObject({ startMs: 10, knownFromMs: 30 })
  })

  test('is that of the operations alone where there is no world', () => {
    const timeline = { nodes: [], events: [], endMs: 0, forgotten: 0 }
    const operations = [done(1, 'read', 5000, 5100)]
    expect(layoutScene({ title: '', timeline, operations })).toMatchObject({ startMs: 5000, endMs: 5100 })
  })

  test('is never empty', () => {
    const { startMs, endMs } = layoutScene({ title: '', timeline: timelineOf([], { endMs: 0 }) })
    expect(endMs).toBeGreaterThan(startMs)
  })
})

describe('what failed', () => {
  test('lies at the return of the first impossible operation, else at the end', () => {
    const failure = { check: 'invariant: one leader', message: 'a and b' }
    const timeline = timelineOf([])
    expect(layoutScene({ title: '', timeline, failure }).verdict).toMatchObject({
      check: 'invariant: one leader',
      at: 100,
      why: [],
    })
    const told = { ...failure, message: 'invariant: one leader: a and b\n\nlast events:\u0007' }
    expect(layoutScene({ title: '', timeline, failure: told }).verdict.message).toEqual([
      'a and b',
      String.raw`last events:\u{7}`,
    ])
    const operation = done(2, 'read', 5, 9, { result: 4 })
    const witness = { key: 'x', operation, prefix: [operation], shortest: false, lastLegal: [] }
    const { verdict } = layoutScene({ title: '', timeline, witness })
    expect(verdict).toMatchObject({ check: 'linearizability', at: 9 })
    expect(verdict.why).toEqual([
      'client 2: read x → 4 is the first impossible operation.',
      'No order of the 1 operation that had been called by then gives this answer.',
      'The budget did not allow to prove that no shorter part of the history convicts.',
    ])
  })
})

describe('marks', () => {
  test('are fault steps and notes, with the lane of their node', () => {
    const events: TimelineEvent[] = [
      { kind: 'fault', at: 1, step: { at: 1, do: 'crash', node: 'b', power: false, forMs: 30 } },
      { kind: 'note', at: 2, text: 'a note', node: 'c' },
      { kind: 'note', at: 3, text: 'about nobody' },
      {
        kind: 'fault',
        at: 4,
        // oxlint-disable-next-line unicorn/no-thenable -- the name of a field of a step; nobody awaits this
        step: { at: 4, do: 'arm', point: 'write', skip: 2, then: { do: 'crash', node: '@here' } },
      },
      { kind: 'fault', at: 4, step: { at: 4, do: 'disk', node: 'c', change: { slowdown: null, rot: null } } },
      { kind: 'fault', at: 5, step: { at: 5, do: 'timers', node: 'a', slackMs: 9, forMs: 4 } },
    ]
    expect(layoutScene({ title: '', timeline: timelineOf(events) }).marks).toEqual([
      { at: 1, kind: 'fault', node: 1, text: 'crash b, the process only, for 30 ms' },
      { at: 2, kind: 'note', node: 2, text: 'a note' },
      { at: 3, kind: 'note', text: 'about nobody' },
      { at: 4, kind: 'fault', text: "when at 'write' after 2 times: crash @here" },
      { at: 4, kind: 'fault', node: 2, text: 'disk c: as before' },
      { at: 5, kind: 'fault', node: 0, text: 'timers a: slackMs 9, for 4 ms' },
    ])
  })
})

describe('as JSON', () => {
  test('columns give back the records, to the microsecond', () => {
    const rows = [
      { at: 1.23456, name: 'a', to: 5 },
      { at: 2, name: 'b' },
      { at: 3, name: 'a', to: 0 },
    ]
    expect(fromColumns(toColumns(rows))).toEqual([{ at: 1.235, name: 'a', to: 5 }, rows[1], rows[2]])
    expect(fromColumns(toColumns([]))).toEqual([])
  })

  test('a scene comes back as it was', () => {
    const events: TimelineEvent[] = [
      send(1, 1),
      { kind: 'deliver', at: 2, frame: 1 },
      { kind: 'state', at: 5, node: 'a', state: 'down' },
      { kind: 'role', at: 3, node: 'b', role: 'leader' },
      { kind: 'fault', at: 4, step: { at: 4, do: 'partition', groups: [['a']] } },
    ]
    const scene = layoutScene({
      title: 't',
      timeline: timelineOf(events),
      operations: [done(1, 'read', 1, 2), done(1, 'write', 3, Infinity, { outcome: 'unknown' })],
    })
    expect(sceneFromJson(sceneToJson(scene))).toEqual(scene)
  })
})
