import type { Scene } from '../scene.ts'
import {
  arrowPoints,
  bandBox,
  type Box,
  intervalBox,
  markBox,
  type Point,
  roleBox,
  type Stage,
  stateBox,
} from './shapes.ts'

/** The lists of a scene whose members can be pointed at, what lies on top first. */
const LISTS = ['intervals', 'marks', 'arrows', 'roles', 'bands', 'states'] as const

/** One thing in the picture. */
export interface Item {
  readonly list: (typeof LISTS)[number]
  readonly place: number
}

/** Arrows are thin: so many pixels beside one still count. */
const NEAR = 6

/** What is at a point, or nothing. `ends`: see `openEnds`. `shown` tells which arrows are not hidden. */
export function itemAt(
  stage: Stage,
  ends: readonly number[],
  { x, y }: Point,
  shown: (place: number) => boolean,
): Item | undefined {
  if (x < stage.geometry.gutter) return undefined
  for (const list of LISTS) {
    const place =
      list === 'arrows' ? nearestArrow(stage, { x, y }, shown) : boxAt(stage, ends, list, { x, y })
    if (place !== -1) return { list, place }
  }
  return undefined
}

function boxAt(stage: Stage, ends: readonly number[], list: Item['list'], point: Point): number {
  return stage.scene[list].findIndex((_, place) => inside(itemBox(stage, ends, { list, place }), point))
}

function inside(box: Box, { x, y }: Point): boolean {
  return x >= box.x - 1 && x <= box.x + box.width + 1 && y >= box.y && y <= box.y + box.height
}

function nearestArrow(stage: Stage, point: Point, shown: (place: number) => boolean): number {
  let nearest = -1
  let least = NEAR
  stage.scene.arrows.forEach((arrow, place) => {
    if (!shown(place)) return
    const points = arrowPoints(stage, arrow)
    for (let corner = 1; corner < points.length; corner += 1) {
      const distance = distanceTo(point, points[corner - 1] as Point, points[corner] as Point)
      if (distance >= least) continue
      least = distance
      nearest = place
    }
  })
  return nearest
}

/** From a point to the nearest point of a line between two others. */
export function distanceTo(point: Point, from: Point, to: Point): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  const length = dx * dx + dy * dy
  const along = length === 0 ? 0 : ((point.x - from.x) * dx + (point.y - from.y) * dy) / length
  const part = Math.min(1, Math.max(0, along))
  return Math.hypot(point.x - from.x - dx * part, point.y - from.y - dy * part)
}

/** The room that something takes. */
export function itemBox(stage: Stage, ends: readonly number[], { list, place }: Item): Box {
  const { scene } = stage
  switch (list) {
    case 'intervals':
      return intervalBox(stage, at(scene.intervals, place), ends[place] ?? scene.endMs)
    case 'marks':
      return markBox(stage, at(scene.marks, place).at)
    case 'arrows':
      return around(arrowPoints(stage, at(scene.arrows, place)))
    case 'roles':
      return roleBox(stage, at(scene.roles, place))
    case 'bands':
      return bandBox(stage, at(scene.bands, place))
    case 'states':
      return stateBox(stage, at(scene.states, place))
  }
}

function around(points: readonly Point[]): Box {
  const xs = points.map(({ x }) => x)
  const ys = points.map(({ y }) => y)
  const [x, y] = [Math.min(...xs), Math.min(...ys)]
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y }
}

/** When something begins. */
export function itemTime(scene: Scene, { list, place }: Item): number {
  if (list === 'arrows') return at(scene.arrows, place).sentAt
  if (list === 'marks') return at(scene.marks, place).at
  return at<{ readonly from: number }>(scene[list], place).from
}

/** Everything that can be pointed at, in order of time: what the keys N and P walk along. */
export function itemsInOrder(scene: Scene): Item[] {
  const timed = LISTS.flatMap((list) =>
    Array.from({ length: scene[list].length }, (_, place) => ({
      item: { list, place },
      time: itemTime(scene, { list, place }),
    })),
  )
  return timed.sort((left, right) => left.time - right.time).map(({ item }) => item)
}

function at<Row>(rows: readonly Row[], place: number): Row {
  return rows[place] as Row
}
