import { ownedArcs, type OwnedArc } from './core/arc.ts'
import { CIRCLE } from './core/circle.ts'
import type { RingNode } from './core/members.ts'
import { ownership, type Ownership } from './core/ownership.ts'
import type { ArcPlacement } from './core/placement.ts'
import { percent, printable, tableLines } from './core/table.ts'
import { xxh32String } from './core/xxh32.ts'
import { requireWhole } from './ring-options.ts'

/**
 * How to draw a circle.
 * @category Insight
 */
export interface SVGOptions {
  /** What the picture is called, for those who can't see it too. Default: the number of nodes. */
  readonly title?: string
  /** Diameter of the circle: a whole number of units from 100 to 4,000, default 400. The legend stands beside it. */
  readonly size?: number
}

/**
 * How to write a circle.
 * @category Insight
 */
export interface TextOptions {
  /** Characters of the strip and of the longest bar: a whole number from 10 to 1,000, default 64. */
  readonly width?: number
}

/** Arcs end on one of so many steps; on a circle of 400 units one is about half a unit long. It keeps 160,000 points from making 16 MB. */
const STEPS = 2048
const ROW = 20
const COLUMN = 320
const MARGIN = 20

/**
 * The circle as a standalone SVG picture: position 0 at the top, clockwise, each arc in the colour of its owner, and a legend with everybody's share. A
 * colour depends on the id alone. Arcs are drawn to 1/2048 of the circle, the numbers in the legend are exact. O(p).
 * @throws A {@link RingError} with code `RING_INVALID_OPTION`.
 * @category Insight
 */
export function toSVG<Node extends RingNode>(
  placement: ArcPlacement<Node>,
  options: SVGOptions = {},
): string {
  const { size = 400, title = `Placement of ${placement.nodes.length} nodes` } = options
  requireWhole('size', size, 100, 4000)
  const owned = [...ownership(placement).values()]
  const rows = Math.max(1, Math.floor(size / ROW))
  const columns = Math.ceil(owned.length / rows)
  const width = size + MARGIN * 2 + columns * COLUMN
  const height = size + MARGIN * 2
  const legend = owned.map((entry, at) => {
    const x = size + MARGIN * 2 + Math.floor(at / rows) * COLUMN
    return legendRow(entry, x, MARGIN + (at % rows) * ROW)
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...circlePaths(placement, owned, size),
    `<g font-family="sans-serif" font-size="13" fill="#222222">`,
    ...legend,
    '</g>',
    '</svg>',
    '',
  ].join('\n')
}

function circlePaths<Node extends RingNode>(
  placement: ArcPlacement<Node>,
  owned: readonly Ownership<Node>[],
  size: number,
): string[] {
  const stroke = size / 8
  const radius = (size - stroke) / 2
  const centre = size / 2 + MARGIN
  const arcs = new Map<string, string[]>()
  for (const { from, to, node } of steppedArcs(ownedArcs(placement))) {
    const path = arcs.get(node.id)
    if (path === undefined) arcs.set(node.id, [arcPath(centre, radius, from, to)])
    else path.push(arcPath(centre, radius, from, to))
  }
  const empty = `<circle cx="${centre}" cy="${centre}" r="${radius}" stroke="#dddddd"/>`
  const paths = owned.map(({ node, share }) => {
    const path = arcs.get(node.id)?.join('')
    if (path === undefined) return ''
    return `<path d="${path}" stroke="${colourOf(node.id)}"><title>${escaped(node.id)}: ${percent(share)}</title></path>`
  })
  return [`<g fill="none" stroke-width="${stroke}">`, empty, ...paths.filter((path) => path !== ''), '</g>']
}

/** Arcs with ends in steps; those that have none of their own are too short to be seen. */
function steppedArcs<Node extends RingNode>(arcs: readonly OwnedArc<Node>[]): OwnedArc<Node>[] {
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
function arcPath(centre: number, radius: number, from: number, to: number): string {
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

function legendRow<Node extends RingNode>({ node, share }: Ownership<Node>, x: number, y: number): string {
  const box = `<rect x="${x}" y="${y}" width="14" height="14" fill="${colourOf(node.id)}"/>`
  const text = `${escaped(printable(node.id))} ${percent(share)}`
  return `${box}<text x="${x + 22}" y="${y + 12}">${text}</text>`
}

/** As hexadecimal digits, because not every viewer knows hsl(). */
function colourOf(id: string): string {
  const hash = xxh32String(id, 0)
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
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\u{fffd}')
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}

/** One a node; more nodes share the last. */
const SYMBOLS: readonly string[] = Array.from(
  'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789αβγδεζηθλμξπστφχψΓΔΘΛΞΠΣΦΨΩБГДЖИЙЛЦЧШЩЪЫЭЮЯ*',
)
const NOBODY = '-'
const BAR = '█'

/**
 * The circle as text: a line for each node with its symbol, share, expected share and a bar, then the circle cut open at position 0 as one strip of
 * `width` symbols, each that of whoever owns the middle of its piece (`-`: nobody). Nodes have symbols of their own up to the 105th. O(p).
 * @throws A {@link RingError} with code `RING_INVALID_OPTION`.
 * @category Insight
 */
export function toText<Node extends RingNode>(
  placement: ArcPlacement<Node>,
  options: TextOptions = {},
): string {
  const { width = 64 } = options
  requireWhole('width', width, 10, 1000)
  const owned = [...ownership(placement).values()]
  const largest = owned.reduce((most, { share }) => Math.max(most, share), 0)
  const symbols = new Map(
    owned.map(({ node }, at) => [node.id, SYMBOLS[Math.min(at, SYMBOLS.length - 1)] ?? NOBODY]),
  )
  const rows = owned.map(({ node, share, expected }) => {
    const bar = largest === 0 ? '' : BAR.repeat(Math.round((share / largest) * width))
    return [symbols.get(node.id) ?? NOBODY, printable(node.id), percent(share), percent(expected), bar]
  })
  const columns = [
    { title: '' },
    { title: 'node' },
    { title: 'share', align: 'right' } as const,
    { title: 'expected', align: 'right' } as const,
    { title: '' },
  ]
  const strip = Array.from({ length: width }, (_, at) => {
    const owner = placement.replicasAt(Math.floor(((at + 0.5) * CIRCLE) / width), 1)[0]
    return owner === undefined ? NOBODY : (symbols.get(owner.id) ?? NOBODY)
  })
  return [...tableLines(columns, rows), '', strip.join('')].join('\n')
}
