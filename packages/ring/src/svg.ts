import type { OwnedArc } from './core/arc.ts'
import { CIRCLE } from './core/circle.ts'
import type { RingNode } from './core/members.ts'
import { pureXxh32 } from './core/hasher.ts'

/** Arcs end on one of so many steps; on a circle of 400 units one is about half a unit long. It keeps 160,000 points from making 16 MB. */
const STEPS = 2048

/** Arcs with ends in steps; those that have none of their own are too short to be seen. */
export function steppedArcs<Node extends RingNode>(arcs: readonly OwnedArc<Node>[]): OwnedArc<Node>[] {
  const stepped: OwnedArc<Node>[] = []
  const stepOf = (position: number): number => Math.round((position / CIRCLE) * STEPS) % STEPS
  for (const { from, to, node } of arcs) {
    const begin = stepOf(from)
    const end = stepOf(to)
    // Both ends on one step: either next to nothing or next to everything.
    const everything = begin === end && (arcs.length === 1 || (to - from + CIRCLE) % CIRCLE > CIRCLE / 2)
    if (begin !== end || everything) stepped.push({ from: begin, to: end > begin ? end : end + STEPS, node })
  }
  return stepped
}

/** From `from` to `to` steps, clockwise. */
export function arcPath(centre: number, radius: number, from: number, to: number): string {
  // One arc can't lead back to where it began.
  const middle = to - from > STEPS / 2 ? [(from + to) / 2] : []
  const ends = [...middle, to].map((step) => `A${radius} ${radius} 0 0 1 ${pointAt(centre, radius, step)}`)
  return `M${pointAt(centre, radius, from)}${ends.join('')}`
}

function pointAt(centre: number, radius: number, step: number): string {
  const angle = (step / STEPS) * 2 * Math.PI
  return `${rounded(centre + radius * Math.sin(angle))} ${rounded(centre - radius * Math.cos(angle))}`
}

function rounded(value: number): string {
  return String(Math.round(value * 100) / 100)
}

/** Decided by the id alone. As hexadecimal digits, because not every viewer knows hsl(). */
export function colourOf(id: string): string {
  const hash = pureXxh32.hash(id, 0)
  const hue = hash % 360
  const saturation = 0.45 + ((hash >>> 9) % 4) * 0.15
  const lightness = 0.38 + ((hash >>> 17) % 4) * 0.09
  const channel = (offset: number): string => {
    const at = (offset + hue / 30) % 12
    const reach = saturation * Math.min(lightness, 1 - lightness)
    const value = lightness - reach * Math.max(-1, Math.min(at - 3, 9 - at, 1))
    return Math.round(value * 255)
      .toString(16)
      .padStart(2, '0')
  }
  return `#${channel(0)}${channel(8)}${channel(4)}`
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** Text for XML 1.0: what has a meaning there as an entity, what is forbidden there as U+FFFD. */
export function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\u{fffd}')
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}
