import type { Interval } from '../intervals.ts'
import { BOLD, type Brush, clipped, fitted, hatch, inView, SMALL } from './brush.ts'
import { type Box, intervalBox, xOf } from './shapes.ts'

/** The clients' operations in the picture; returns how many there are. */
export function drawIntervals(brush: Brush): number {
  const { scene, context } = brush
  const convicted = scene.intervals.some(({ part }) => part === 'impossible')
  let count = 0
  // The impossible one last, so that nothing lies on it.
  for (const loud of [false, true]) {
    scene.intervals.forEach((interval, place) => {
      if ((interval.part === 'impossible') !== loud) return
      const whole = intervalBox(brush, interval, brush.ends[place] ?? scene.endMs)
      if (!inView(brush, whole.x, whole.x + whole.width)) return
      count += 1
      const box = clipped(brush, whole)
      context.globalAlpha = convicted && interval.part === 'other' ? 0.45 : 1
      drawBar(brush, interval, box)
      drawBarWords(brush, interval, box, xOf(brush, brush.ends[place] ?? scene.endMs))
      context.globalAlpha = 1
    })
  }
  return count
}

/** Bars have a shape from this width on; below it only their colour can be seen. */
const SHAPED = 4
/** Pixels that a few letters, and the least number, need. */
const LETTERS = 30
const PLATE = 14

/** ok: filled. fail: an outline, struck through. unknown: slanted lines, dashed, and open on the right. */
function drawBar({ context, colours }: Brush, interval: Interval, box: Box): void {
  const { outcome, part } = interval
  if (part === 'impossible') {
    context.fillStyle = colours.impossible
    context.fillRect(box.x - 1, box.y - 2, box.width + 2, box.height + 4)
    return
  }
  const colour = { ok: colours.ok, fail: colours.fail, unknown: colours.unknown }[outcome]
  if (outcome === 'ok' || box.width < SHAPED) {
    context.fillStyle = colour
    // A thin gap, so that calls without a pause between them are not one.
    context.fillRect(box.x, box.y, box.width < SHAPED ? box.width : box.width - 1, box.height)
    return
  }
  context.lineWidth = 1
  context.setLineDash([])
  context.fillStyle = colours.background
  context.fillRect(box.x, box.y, box.width, box.height)
  if (outcome === 'unknown') openBar(context, box, colour)
  else failedBar(context, box, colour)
}

function failedBar(context: CanvasRenderingContext2D, box: Box, colour: string): void {
  context.strokeStyle = colour
  context.strokeRect(box.x + 0.5, box.y + 0.5, box.width - 1, box.height - 1)
  context.beginPath()
  context.moveTo(box.x, box.y + box.height - 2.5)
  context.lineTo(box.x + box.width, box.y + box.height - 2.5)
  context.stroke()
}

function openBar(context: CanvasRenderingContext2D, box: Box, colour: string): void {
  context.save()
  context.globalAlpha *= 0.25
  hatch(context, box, colour, 1)
  context.restore()
  context.strokeStyle = colour
  context.setLineDash([5, 3])
  context.beginPath()
  context.moveTo(box.x + box.width, box.y + 0.5)
  context.lineTo(box.x + 0.5, box.y + 0.5)
  context.lineTo(box.x + 0.5, box.y + box.height - 0.5)
  context.lineTo(box.x + box.width, box.y + box.height - 0.5)
  context.stroke()
  context.setLineDash([])
}

/** A number and what fits of the words; the number stands beside a bar that is too short for it, before whatever comes `next`. */
function drawBarWords(brush: Brush, interval: Interval, box: Box, next: number): void {
  const { context, colours, geometry } = brush
  const loud = interval.part === 'impossible'
  const filled = interval.outcome === 'ok'
  let left = Math.max(box.x, geometry.gutter) + 4
  const right = box.x + box.width - 3
  if (!loud && right - left < LETTERS && (interval.order === 0 || next - left < PLATE)) return
  context.textBaseline = 'middle'
  context.textAlign = 'left'
  const middle = box.y + box.height / 2 + 1
  if (interval.order > 0) {
    const inside = drawNumber(brush, interval.order, left, middle, right + 2)
    if (inside === 0) drawNumber(brush, interval.order, right + 5, middle, next - 1)
    left += inside
  }
  context.font = loud ? BOLD : SMALL
  context.fillStyle = loud ? colours.impossibleText : filled ? colours.okText : colours.text
  const answer = interval.outcome === 'unknown' ? '?' : interval.answer
  const words = `${loud ? '✗ ' : ''}${interval.request} ${answer}`
  if (loud && context.measureText(words).width > right - left) return outsideWords(brush, words, box)
  if (right - left >= LETTERS) context.fillText(fitted(context, words, right - left), left, middle)
}

/** The impossible operation says what it is even where its bar is too short for words. */
function outsideWords({ context, colours, geometry, width }: Brush, text: string, box: Box): void {
  const room = context.measureText(text).width + 10
  const right = box.x + box.width + 4
  const left = right + room > geometry.gutter + width ? box.x - room - 4 : right
  context.fillStyle = colours.impossible
  context.fillRect(left, box.y - 2, room, box.height + 4)
  context.fillStyle = colours.impossibleText
  context.fillText(text, left + 5, box.y + box.height / 2 + 1)
}

/** A number of the last legal order on a plate, if there is room; returns the room that it took. */
function drawNumber(
  { context, colours }: Brush,
  order: number,
  left: number,
  middle: number,
  right: number,
): number {
  if (left + PLATE > right) return 0
  context.font = SMALL
  const text = String(order)
  const width = Math.max(PLATE, context.measureText(text).width + 8)
  if (left + width > right) return 0
  context.fillStyle = colours.background
  context.beginPath()
  context.roundRect(left - 1, middle - 7.5, width, 13, 6)
  context.fill()
  context.strokeStyle = colours.faint
  context.lineWidth = 0.75
  context.stroke()
  context.fillStyle = colours.text
  context.textAlign = 'center'
  context.fillText(text, left - 1 + width / 2, middle - 0.5)
  context.textAlign = 'left'
  return width + 3
}
