import type { Scene } from '../scene.ts'

/** Where everything lies from top to bottom, in pixels; what lies where from left to right follows from the view. */
export interface Geometry {
  /** Width of the names on the left. */
  readonly gutter: number
  /** Bottom of the time axis. */
  readonly axis: number
  /** The lines of the lasting faults, and the line of the fault steps below them. */
  readonly bands: { readonly top: number; readonly rows: number; readonly marks: number }
  /** One lane a node. */
  readonly nodes: readonly Lane[]
  /** One lane a client. */
  readonly processes: readonly Lane[]
  /** Height of everything. */
  readonly height: number
}

/** A strip from left to right. */
export interface Lane {
  readonly top: number
  readonly height: number
  /** Where its line is: a node's life line, or the middle of a client's first bar. */
  readonly line: number
}

export const BAND_HEIGHT = 18
export const BAR_HEIGHT = 18
const AXIS_HEIGHT = 44
const MARKS_HEIGHT = 20
const BAR_ROW = 24
const GAP = 12

/** Stacks the parts: axis, faults, nodes, clients. Parts without content take no room. */
export function layoutGeometry(scene: Scene): Geometry {
  const rows = scene.bands.reduce((most, { row }) => Math.max(most, row + 1), 0)
  const bands = { top: AXIS_HEIGHT, rows, marks: AXIS_HEIGHT + rows * (BAND_HEIGHT + 2) }
  let top = bands.marks + (scene.marks.length > 0 ? MARKS_HEIGHT : 0) + (rows > 0 ? 4 : 0)
  const laneHeight = nodeHeight(scene.nodes.length)
  const nodes = scene.nodes.map((_, place): Lane => {
    const lane = top + place * laneHeight
    return { top: lane, height: laneHeight, line: lane + Math.round(laneHeight * 0.56) }
  })
  top += nodes.length * laneHeight + (nodes.length > 0 ? GAP : 0)
  const rowsOf = new Map<number, number>()
  for (const { process, row } of scene.intervals) {
    rowsOf.set(process, Math.max(rowsOf.get(process) ?? 1, row + 1))
  }
  const processes = scene.processes.map((_, place): Lane => {
    const height = (rowsOf.get(place) ?? 1) * BAR_ROW + 4
    const lane = { top, height, line: top + BAR_ROW / 2 + 2 }
    top += height
    return lane
  })
  return { gutter: gutterWidth(scene), axis: AXIS_HEIGHT, bands, nodes, processes, height: top + GAP }
}

/** Many nodes get narrower lanes, as far as their roles can still be read. */
function nodeHeight(nodes: number): number {
  if (nodes <= 5) return 72
  return nodes <= 9 ? 56 : 40
}

function gutterWidth({ nodes, processes }: Scene): number {
  const longest = [...nodes, ...processes].reduce((most, name) => Math.max(most, name.length), 0)
  return Math.min(180, Math.max(72, longest * 8 + 20))
}

/** Top of a bar of a client. */
export function barTop(lane: Lane, row: number): number {
  return lane.top + 2 + row * BAR_ROW + (BAR_ROW - BAR_HEIGHT) / 2
}

/** Top of a band of a line. */
export function bandTop({ bands }: Geometry, row: number): number {
  return bands.top + row * (BAND_HEIGHT + 2)
}
