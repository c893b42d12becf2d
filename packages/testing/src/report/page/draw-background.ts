import { BOLD, type Brush, clipped, fitted, FONT, hatch, inView, SMALL } from './brush.ts'
import { bandBox, markBox, xOf } from './shapes.ts'
import { ticksOf } from './ticks.ts'

/** The time axis, and its lines through everything. */
export function drawAxis(brush: Brush): void {
  const { context, colours, geometry, view, width } = brush
  context.font = SMALL
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  context.lineWidth = 1
  context.setLineDash([])
  for (const { at, label } of ticksOf(view, width)) {
    if (at < brush.scene.startMs) continue
    const x = Math.round(xOf(brush, at)) + 0.5
    context.strokeStyle = colours.grid
    line(brush, x, geometry.axis - 2, geometry.height)
    // Half a number would be a wrong one.
    const half = context.measureText(label).width / 2
    if (x - half < geometry.gutter || x + half > geometry.gutter + width) continue
    context.fillStyle = colours.faint
    context.fillText(label, x, geometry.axis - 11)
  }
}

/** What is not known because earlier events were not kept. */
export function drawForgotten(brush: Brush): void {
  const { scene, context, colours, geometry } = brush
  const from = xOf(brush, scene.startMs)
  const to = xOf(brush, scene.knownFromMs)
  if (scene.forgotten === 0 || to - from < 2 || !inView(brush, from, to)) return
  const bottom = geometry.processes[0]?.top ?? geometry.height
  const box = clipped(brush, { x: from, y: geometry.axis, width: to - from, height: bottom - geometry.axis })
  hatch(context, box, colours.grid, 1)
  context.font = SMALL
  context.fillStyle = colours.faint
  context.textAlign = 'center'
  const text = `${scene.forgotten} earlier events were not kept`
  context.fillText(fitted(context, text, box.width - 8), box.x + box.width / 2, geometry.axis + 8)
}

/** Nodes that were kept apart: a tint over all lanes. */
export function drawSplits(brush: Brush): void {
  const { scene, context, colours, geometry } = brush
  const [first, last] = [geometry.nodes[0], geometry.nodes.at(-1)]
  if (first === undefined || last === undefined) return
  for (const band of scene.bands) {
    const box = bandBox(brush, band)
    if (band.kind === 'disturbance' || !inView(brush, box.x, box.x + box.width)) continue
    const { x, width } = clipped(brush, box)
    context.globalAlpha = 0.1
    context.fillStyle = band.kind === 'partition' ? colours.partition : colours.cut
    context.fillRect(x, first.top, width, last.top + last.height - first.top)
    context.globalAlpha = 1
  }
}

/** The lasting faults, and the signs of all fault steps below them. */
export function drawFaults(brush: Brush): void {
  const { scene, context, colours } = brush
  context.textBaseline = 'middle'
  context.textAlign = 'left'
  context.font = SMALL
  for (const band of scene.bands) {
    const whole = bandBox(brush, band)
    if (!inView(brush, whole.x, whole.x + whole.width)) continue
    const box = clipped(brush, whole)
    const colour = colours[band.kind]
    context.globalAlpha = 0.2
    context.fillStyle = colour
    context.fillRect(box.x, box.y, box.width, box.height)
    context.globalAlpha = 1
    if (band.kind !== 'disturbance') hatch(context, { ...box, width: Math.min(6, box.width) }, colour, 1)
    context.strokeStyle = colour
    context.setLineDash(band.kind === 'cut' ? [4, 2] : [])
    context.lineWidth = 1
    context.strokeRect(box.x + 0.5, box.y + 0.5, box.width - 1, box.height - 1)
    const text = band.kind === 'partition' ? `partition ${band.text}` : band.text
    const left = Math.max(box.x, brush.geometry.gutter) + 9
    context.fillStyle = colours.text
    context.fillText(fitted(context, text, box.x + box.width - left - 4), left, box.y + box.height / 2 + 1)
  }
  drawMarks(brush)
}

/** Triangles for fault steps, circles for notes. */
function drawMarks(brush: Brush): void {
  const { scene, context, colours } = brush
  for (const { at, kind } of scene.marks) {
    const { x, y, width, height } = markBox(brush, at)
    if (!inView(brush, x, x + width)) continue
    context.fillStyle = kind === 'fault' ? colours.fault : colours.note
    context.beginPath()
    if (kind === 'fault') {
      context.moveTo(x, y)
      context.lineTo(x + width, y)
      context.lineTo(x + width / 2, y + height)
    } else context.arc(x + width / 2, y + height / 2, width / 2 - 0.5, 0, Math.PI * 2)
    context.fill()
  }
}

/** The time of the failure: a line through everything, with a flag. */
export function drawFailure(brush: Brush): void {
  const { scene, context, colours, geometry } = brush
  const { verdict } = scene
  const x = Math.round(xOf(brush, verdict.at)) + 0.5
  if (verdict.check === '' || !inView(brush, x, x)) return
  context.strokeStyle = colours.impossible
  context.lineWidth = 2
  context.setLineDash([6, 3])
  line(brush, x, 18, geometry.height)
  context.setLineDash([])
  context.font = BOLD
  const text = verdict.why.length > 0 ? '✗ no legal order from here on' : `✗ ${verdict.check}`
  const width = context.measureText(text).width + 12
  // On the side where there is room.
  const left = Math.min(x - 1, geometry.gutter + brush.width - width)
  context.fillStyle = colours.impossible
  context.fillRect(left, 0, width, 18)
  context.fillStyle = colours.impossibleText
  context.textAlign = 'left'
  context.textBaseline = 'middle'
  context.fillText(text, left + 6, 9.5)
}

/** Names of the lanes, over whatever runs out of the picture on the left. */
export function drawNames(brush: Brush): void {
  const { scene, context, colours, geometry, width } = brush
  context.fillStyle = colours.background
  context.fillRect(0, 0, geometry.gutter, geometry.height)
  context.textAlign = 'right'
  context.textBaseline = 'middle'
  const right = geometry.gutter - 10
  context.font = SMALL
  context.fillStyle = colours.faint
  if (scene.marks.length > 0) context.fillText('faults', right, geometry.bands.marks + 10)
  context.font = BOLD
  context.fillStyle = colours.text
  scene.nodes.forEach((name, place) => {
    context.fillText(fitted(context, name, right - 4), right, geometry.nodes[place]?.line ?? 0)
  })
  context.font = FONT
  scene.processes.forEach((name, place) => {
    context.fillText(fitted(context, name, right - 4), right, geometry.processes[place]?.line ?? 0)
  })
  context.strokeStyle = colours.grid
  context.lineWidth = 1
  context.setLineDash([])
  line(brush, geometry.gutter - 0.5, geometry.axis - 14, geometry.height)
  const first = geometry.processes[0]
  if (first === undefined || geometry.nodes.length === 0) return
  context.beginPath()
  context.moveTo(0, first.top - 5.5)
  context.lineTo(geometry.gutter + width, first.top - 5.5)
  context.stroke()
}

function line({ context }: Brush, x: number, top: number, bottom: number): void {
  context.beginPath()
  context.moveTo(x, top)
  context.lineTo(x, bottom)
  context.stroke()
}
