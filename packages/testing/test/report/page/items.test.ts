import { describe, expect, test } from 'vitest'
import { describe as described } from '../../../src/report/page/describe.ts'
import { barTop, layoutGeometry } from '../../../src/report/page/geometry.ts'
import { distanceTo, itemAt, itemsInOrder, itemTime } from '../../../src/report/page/items.ts'
import { openingView } from '../../../src/report/page/opening-view.ts'
import { arrowPoints, intervalBox, openEnds, type Stage, xOf } from '../../../src/report/page/shapes.ts'
import { layoutScene } from '../../../src/report/scene.ts'
import type { TimelineEvent } from '../../../src/report/index.ts'
import { done, send, timelineOf } from '../timelines.ts'

const EVENTS: readonly TimelineEvent[] = [
  send(10, 1, 'a', 'c'),
  { kind: 'deliver', at: 20, frame: 1 },
  send(30, 2, 'b', 'a'),
  { kind: 'lose', at: 30, frame: 2, reason: 'lost' },
  { kind: 'fault', at: 40, step: { at: 40, do: 'partition', groups: [['a'], ['b', 'c']] } },
  { kind: 'state', at: 50, node: 'b', state: 'down' },
  { kind: 'role', at: 60, node: 'c', role: 'leader', term: 3 },
]

const OPERATIONS = [
  done(1, 'write', 5, 15, { value: 7 }),
  done(1, 'write', 20, Number.POSITIVE_INFINITY, { value: 8, outcome: 'unknown' }),
  done(1, 'read', 70, 80, { result: 7 }),
]

const scene = layoutScene({ title: 't', timeline: timelineOf(EVENTS), operations: OPERATIONS })
const geometry = layoutGeometry(scene)
const stage: Stage = { scene, geometry, view: { from: 0, to: 100 }, width: 1000 }
const ends = openEnds(scene)

describe('geometry', () => {
  test('parts lie below each other without overlap: axis, bands, steps, nodes, clients', () => {
    const [a, b, c] = geometry.nodes
    expect(geometry.bands.top).toBeGreaterThanOrEqual(geometry.axis)
    expect(geometry.bands.marks).toBeGreaterThan(geometry.bands.top)
    expect(a!.top).toBeGreaterThan(geometry.bands.marks)
    expect(b!.top).toBe(a!.top + a!.height)
    expect(c!.line).toBeGreaterThan(c!.top)
    expect(geometry.processes[0]!.top).toBeGreaterThanOrEqual(c!.top + c!.height)
    expect(geometry.height).toBeGreaterThan(geometry.processes[0]!.top + geometry.processes[0]!.height)
  })

  test('a client with bars at one time gets a higher lane, and no bar leaves it', () => {
    const operations = [done(1, 'read', 0, 10), done(1, 'read', 1, 9), done(1, 'read', 2, 8)]
    const crowded = layoutScene({ title: '', timeline: timelineOf([]), operations })
    const [lane] = layoutGeometry(crowded).processes
    expect(barTop(lane!, 2) + 18).toBeLessThanOrEqual(lane!.top + lane!.height)
    expect(lane!.height).toBeGreaterThan(geometry.processes[0]!.height)
  })

  test('parts without content take no room', () => {
    const bare = layoutGeometry(layoutScene({ title: '', timeline: timelineOf([]) }))
    expect(bare.nodes[0]!.top).toBe(bare.axis)
    expect(bare.processes).toEqual([])
  })
})

describe('shapes', () => {
  test('a delivered frame leads from lane to lane, a lost one stops on its way', () => {
    const [delivered, lost] = scene.arrows.map((arrow) => arrowPoints(stage, arrow))
    const [a, b, c] = geometry.nodes.map(({ line }) => line)
    expect(delivered![0]!.y).toBeCloseTo(a! + 5)
    expect(delivered![1]).toEqual({ x: geometry.gutter + 200, y: c! - 5 })
    expect(lost![1]!.y).toBeLessThan(b!)
    expect(lost![1]!.y).toBeGreaterThan((a! + b!) / 2)
  })

  test('a bar with an open end is drawn up to the next call of its client', () => {
    const box = intervalBox(stage, scene.intervals[1]!, ends[1]!)
    expect(box.x + box.width).toBeCloseTo(xOf(stage, 70))
    const last = layoutScene({ title: '', timeline: timelineOf([]), operations: OPERATIONS.slice(0, 2) })
    const open = intervalBox({ ...stage, scene: last }, last.intervals[1]!, openEnds(last)[1]!)
    expect(open.x + open.width).toBeCloseTo(geometry.gutter + 1000)
  })
})

describe('pointing', () => {
  const everything = (): boolean => true

  test('at a bar, at an arrow, at a role, at a crash, at a step', () => {
    const bar = intervalBox(stage, scene.intervals[0]!, 0)
    expect(itemAt(stage, ends, { x: bar.x + 20, y: bar.y + 5 }, everything)).toEqual({
      list: 'intervals',
      place: 0,
    })
    const [tail, head] = arrowPoints(stage, scene.arrows[0]!)
    const middle = { x: (tail!.x + head!.x) / 2 + 2, y: (tail!.y + head!.y) / 2 }
    expect(itemAt(stage, ends, middle, everything)).toEqual({ list: 'arrows', place: 0 })
    expect(itemAt(stage, ends, middle, () => false)).toBeUndefined()
    const [, b, c] = geometry.nodes
    expect(itemAt(stage, ends, { x: xOf(stage, 90), y: c!.line }, everything)?.list).toBe('roles')
    expect(itemAt(stage, ends, { x: xOf(stage, 90), y: b!.line + 9 }, everything)?.list).toBe('states')
    expect(itemAt(stage, ends, { x: xOf(stage, 40), y: geometry.bands.marks + 8 }, everything)?.list).toBe(
      'marks',
    )
    expect(itemAt(stage, ends, { x: 3, y: b!.line }, everything)).toBeUndefined()
  })

  test('the distance to a line counts only between its ends', () => {
    const [from, to] = [
      { x: 0, y: 0 },
      { x: 10, y: 0 },
    ]
    expect(distanceTo({ x: 5, y: 3 }, from, to)).toBe(3)
    expect(distanceTo({ x: 14, y: 3 }, from, to)).toBe(5)
    expect(distanceTo({ x: 3, y: 4 }, from, from)).toBe(5)
  })

  test('everything can be walked to in order of time', () => {
    const times = itemsInOrder(scene).map((item) => itemTime(scene, item))
    expect(times).toHaveLength(2 + 3 + 1 + 1 + 1 + 1)
    expect(times).toEqual([...times].sort((left, right) => left - right))
  })
})

describe('words', () => {
  test('about an arrow, an operation, a role', () => {
    expect(described(scene, { list: 'arrows', place: 0 })).toMatchObject({ heading: 'a → c' })
    expect(described(scene, { list: 'arrows', place: 0 }).lines).toContainEqual([
      'arrived',
      '20 ms, after 10 ms',
    ])
    expect(described(scene, { list: 'arrows', place: 1 }).lines).toContainEqual(['became', 'lost on the way'])
    expect(described(scene, { list: 'intervals', place: 1 }).lines).toContainEqual([
      'returned',
      'never: it may take effect at any later time, or never',
    ])
    expect(described(scene, { list: 'roles', place: 0 })).toMatchObject({ heading: 'c is leader' })
    expect(described(scene, { list: 'states', place: 0 })).toMatchObject({ heading: 'b is down' })
    expect(described(scene, { list: 'bands', place: 0 })).toMatchObject({ heading: 'partition a | b c' })
    expect(described(scene, { list: 'marks', place: 0 }).lines).toEqual([['fault at', '40 ms']])
  })
})

describe('where the eye begins', () => {
  test('on everything, with some air, when there is little', () => {
    const { from, to } = openingView(scene)
    expect(from).toBeLessThan(0)
    expect(to).toBeGreaterThan(100)
  })

  test('on what led to the failure when there is much', () => {
    const events = Array.from({ length: 5000 }, (_, frame) => send(frame, frame))
    const impossible = done(1, 'read', 2900, 3000, { result: 1 })
    const witness = { key: 'x', operation: impossible, prefix: [impossible], shortest: true, lastLegal: [] }
    const timeline = timelineOf(events, { endMs: 5000 })
    const large = layoutScene({ title: '', timeline, operations: [impossible], witness })
    const { from, to } = openingView(large)
    expect(from).toBeGreaterThan(2500)
    expect(from).toBeLessThan(2900)
    expect(to).toBeGreaterThan(3000)
    expect(to).toBeLessThan(3300)
    expect(openingView(layoutScene({ title: '', timeline })).from).toBeLessThan(0)
  })
})
