import type { Arrow } from '../arrows.ts'
import type { Interval } from '../intervals.ts'
import type { Scene } from '../scene.ts'
import { bandTop, BAND_HEIGHT, BAR_HEIGHT, barTop, type Geometry } from './geometry.ts'
import { toX, type View } from './view.ts'

/** What is needed to say where something is on the screen. */
export interface Stage {
  readonly scene: Scene
  readonly geometry: Geometry
  readonly view: View
  /** Pixels between the names and the right edge. */
  readonly width: number
}

/** Pixels from the top left corner of the picture. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** Pixels from the top left corner of the picture. */
export interface Box extends Point {
  readonly width: number
  readonly height: number
}

/** Nothing is drawn narrower than this, so that it can be seen and hit. */
const NARROWEST = 3
/** Half of the thickness of a node's line with its role. */
export const STRIP = 5
/** How far a frame gets, as part of the way between two lanes, that is lost early, at the receiver's door, or is still on its way. */
const STOPS = { lost: 0.4, cut: 0.4, down: 0.86, unheard: 0.86, flying: 0.5 }
/** Least pixels to the right on which an arrow that does not arrive can be seen. */
const STUB = 12

/** Where a time lies. */
export function xOf({ geometry, view, width }: Stage, at: number): number {
  return geometry.gutter + toX(view, width, at)
}

/** The corners of an arrow, from its tail to its head. */
export function arrowPoints(stage: Stage, arrow: Arrow): Point[] {
  const from = stage.geometry.nodes[arrow.from]?.line ?? 0
  const to = stage.geometry.nodes[arrow.to]?.line ?? 0
  const sent = xOf(stage, arrow.sentAt)
  const ended = xOf(stage, arrow.endAt)
  if (arrow.from === arrow.to) return loopPoints(sent, ended, from)
  const down = to > from ? 1 : -1
  const tail = { x: sent, y: from + STRIP * down }
  const whole = to - STRIP * down - tail.y
  if (arrow.outcome === 'delivered' || arrow.outcome === 'copy')
    return [tail, { x: ended, y: tail.y + whole }]
  const part = STOPS[arrow.outcome]
  const reach = arrow.outcome === 'flying' ? Math.min(ended - sent, STUB * 3) : (ended - sent) * part
  return [tail, { x: sent + Math.max(reach, STUB), y: tail.y + whole * part }]
}

/** A frame of a node to itself: a roof over its line. */
function loopPoints(sent: number, ended: number, line: number): Point[] {
  const end = Math.max(ended, sent + STUB)
  return [
    { x: sent, y: line - STRIP },
    { x: (sent + end) / 2, y: line - STRIP * 3 },
    { x: end, y: line - STRIP },
  ]
}

/** The bar of an operation. One whose outcome is unknown reaches to the next of its client, or to the right edge. */
export function intervalBox(stage: Stage, interval: Interval, openUntil: number): Box {
  const lane = stage.geometry.processes[interval.process]
  const x = xOf(stage, interval.from)
  const rightEdge = stage.geometry.gutter + stage.width
  const end = interval.to === undefined ? Math.min(xOf(stage, openUntil), rightEdge) : xOf(stage, interval.to)
  const width = Math.max(NARROWEST, end - x)
  return { x, y: lane === undefined ? 0 : barTop(lane, interval.row), width, height: BAR_HEIGHT }
}

/** The band of a lasting fault. */
export function bandBox(stage: Stage, band: { from: number; to: number; row: number }): Box {
  return { ...across(stage, band), y: bandTop(stage.geometry, band.row), height: BAND_HEIGHT }
}

/** The part of a lane in which a node did not run. */
export function stateBox(stage: Stage, span: { from: number; to: number; node: number }): Box {
  const lane = stage.geometry.nodes[span.node]
  return { ...across(stage, span), y: (lane?.top ?? 0) + 3, height: (lane?.height ?? 6) - 6 }
}

/** The part of a node's line in which it was something special. */
export function roleBox(stage: Stage, span: { from: number; to: number; node: number }): Box {
  const lane = stage.geometry.nodes[span.node]
  return { ...across(stage, span), y: (lane?.line ?? 0) - STRIP, height: STRIP * 2 }
}

/** The sign of a fault step or a note, in the line of the steps. */
export function markBox(stage: Stage, at: number): Box {
  return { x: xOf(stage, at) - 5, y: stage.geometry.bands.marks + 4, width: 10, height: 11 }
}

function across(stage: Stage, { from, to }: { from: number; to: number }): { x: number; width: number } {
  const x = xOf(stage, from)
  return { x, width: Math.max(NARROWEST, xOf(stage, to) - x) }
}

/** Until when each bar with an open end is drawn: the next call on its line, or for ever. */
export function openEnds({ intervals }: Scene): number[] {
  const next = new Map<string, number>()
  const ends = new Array<number>(intervals.length).fill(Number.POSITIVE_INFINITY)
  for (let place = intervals.length - 1; place >= 0; place -= 1) {
    const interval = intervals[place]
    if (interval === undefined) continue
    const line = `${interval.process} ${interval.row}`
    ends[place] = next.get(line) ?? Number.POSITIVE_INFINITY
    next.set(line, interval.from)
  }
  return ends
}
