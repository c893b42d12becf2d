import type { Scene } from '../scene.ts'
import type { Palette } from './palette.ts'
import { toX, type View } from './view.ts'

/** Height of the map in pixels. */
export const MAP_HEIGHT = 56

/** What the map is drawn with. */
export interface MapBrush {
  readonly context: CanvasRenderingContext2D
  readonly colours: Palette
  readonly scene: Scene
  readonly whole: View
  readonly view: View
  readonly width: number
}

/** The whole time in small: how much was sent, when nodes did not run, who led, the failure, and a window around what is seen above. */
export function drawMap(brush: MapBrush): void {
  const { context, colours, scene, whole, width } = brush
  context.clearRect(0, 0, width, MAP_HEIGHT)
  drawDensity(brush)
  for (const { kind, from, to } of scene.bands) {
    if (kind === 'disturbance') continue
    context.globalAlpha = 0.25
    context.fillStyle = kind === 'partition' ? colours.partition : colours.cut
    const x = toX(whole, width, from)
    context.fillRect(x, 0, Math.max(1, toX(whole, width, to) - x), MAP_HEIGHT)
    context.globalAlpha = 1
  }
  drawRows(brush)
  if (scene.verdict.check !== '') {
    context.fillStyle = colours.impossible
    context.fillRect(toX(whole, width, scene.verdict.at) - 1, 0, 2, MAP_HEIGHT)
  }
  drawWindow(brush)
}

/** Frames for each two pixels, or calls where there are no frames, as bars from the bottom. */
function drawDensity({ context, colours, scene, whole, width }: MapBrush): void {
  const sent = scene.arrows.map(({ sentAt }) => sentAt)
  const called = scene.intervals.map(({ from }) => from)
  const counts = densities(sent.length > 0 ? sent : called, whole, Math.ceil(width / 2))
  const most = counts.reduce((left, right) => Math.max(left, right), 1)
  context.globalAlpha = 0.4
  context.fillStyle = colours.message
  counts.forEach((count, place) => {
    const height = (count / most) * (MAP_HEIGHT - 26)
    context.fillRect(place * 2, MAP_HEIGHT - height, 2, height)
  })
  context.globalAlpha = 1
}

/** How many of the times lie in each of `slots` equal parts. */
export function densities(times: readonly number[], { from, to }: View, slots: number): number[] {
  const counts = new Array<number>(slots).fill(0)
  for (const time of times) {
    const slot = Math.min(slots - 1, Math.max(0, Math.floor(((time - from) / (to - from)) * slots)))
    counts[slot] = (counts[slot] ?? 0) + 1
  }
  return counts
}

/** A thin row a node on top: roles and times in which it did not run. */
function drawRows({ context, colours, scene, whole, width }: MapBrush): void {
  const height = Math.min(4, 22 / Math.max(1, scene.nodes.length))
  const fill = (span: { node: number; from: number; to: number }, colour: string): void => {
    const x = toX(whole, width, span.from)
    context.fillStyle = colour
    context.fillRect(x, 2 + span.node * height, Math.max(1, toX(whole, width, span.to) - x), height * 0.75)
  }
  for (const span of scene.roles) fill(span, colours.roles[0] ?? colours.text)
  for (const span of scene.states) fill(span, span.state === 'down' ? colours.down : colours.paused)
}

function drawWindow({ context, colours, whole, view, width }: MapBrush): void {
  const from = toX(whole, width, view.from)
  const to = Math.max(from + 4, toX(whole, width, view.to))
  context.globalAlpha = 0.6
  context.fillStyle = colours.background
  context.fillRect(0, 0, from, MAP_HEIGHT)
  context.fillRect(to, 0, width - to, MAP_HEIGHT)
  context.globalAlpha = 1
  context.strokeStyle = colours.select
  context.lineWidth = 2
  context.strokeRect(from + 1, 1, Math.max(2, to - from - 2), MAP_HEIGHT - 2)
}
