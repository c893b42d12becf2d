import type { Palette } from './palette.ts'
import type { Box, Point, Stage } from './shapes.ts'

/** What drawing functions draw with. */
export interface Brush extends Stage {
  readonly context: CanvasRenderingContext2D
  readonly colours: Palette
  /** Until when bars with an open end are drawn; see `openEnds`. */
  readonly ends: readonly number[]
  /** Which arrows are to be drawn. */
  readonly shown: (place: number) => boolean
}

export const FONT = '12px system-ui, -apple-system, "Segoe UI", sans-serif'
export const SMALL = '11px system-ui, -apple-system, "Segoe UI", sans-serif'
export const BOLD = '600 12px system-ui, -apple-system, "Segoe UI", sans-serif'

/** Whether any of what lies between two x is in the picture. */
export function inView({ geometry, width }: Stage, from: number, to: number): boolean {
  return to >= geometry.gutter && from <= geometry.gutter + width
}

/** A box without what lies left or right of the picture: some canvases draw huge boxes slowly, and texts belong to what is seen. */
export function clipped({ geometry, width }: Stage, box: Box): Box {
  const left = Math.max(box.x, geometry.gutter - 10)
  const right = Math.min(box.x + box.width, geometry.gutter + width + 10)
  return { ...box, x: left, width: Math.max(0, right - left) }
}

/** As much of a text as fits into so many pixels; nothing when that would be a few letters. */
export function fitted(context: CanvasRenderingContext2D, text: string, width: number): string {
  const whole = context.measureText(text).width
  if (whole <= width) return text
  const letters = Math.floor((text.length * width) / whole) - 1
  return letters < 5 ? '' : `${text.slice(0, letters)}…`
}

/** Text with a rim of the background, so that lines behind it do not make it unreadable. */
export function haloText({ context, colours }: Brush, text: string, { x, y }: Point, colour: string): void {
  context.lineWidth = 4
  context.lineJoin = 'round'
  context.strokeStyle = colours.background
  context.setLineDash([])
  context.strokeText(text, x, y)
  context.fillStyle = colour
  context.fillText(text, x, y)
}

/** Fills a box with slanted lines: a texture for those who do not see colours. */
export function hatch(context: CanvasRenderingContext2D, box: Box, colour: string, slant: 1 | 0): void {
  context.save()
  context.beginPath()
  context.rect(box.x, box.y, box.width, box.height)
  context.clip()
  context.strokeStyle = colour
  context.lineWidth = 1
  context.setLineDash([])
  context.beginPath()
  const reach = box.height * slant
  // On whole multiples, so that the texture stands still while the picture moves under it.
  for (let x = Math.floor((box.x - reach) / 8) * 8; x < box.x + box.width; x += 8) {
    context.moveTo(x, box.y + box.height)
    context.lineTo(x + reach, box.y)
  }
  context.stroke()
  context.restore()
}
