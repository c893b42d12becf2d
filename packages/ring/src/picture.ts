import { ownedArcs } from './core/arc.ts'
import { CIRCLE } from './core/circle.ts'
import type { RingNode } from './core/members.ts'
import { ownership, type Ownership } from './core/ownership.ts'
import type { ArcPlacement } from './core/placement.ts'
import { percent, printable, tableLines } from './core/table.ts'
import { requireWhole } from './core/options.ts'
import { arcPath, colourOf, escaped, steppedArcs } from './svg.ts'

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

const ROW = 20
const MOST_COLUMNS = 3
/** Wide enough for nearly any character of the legend. */
const CHARACTER = 8
const MARGIN = 20

/**
 * The circle as a standalone SVG picture: position 0 at the top, clockwise, each arc in the colour of its owner, and a legend with everybody's share. A
 * colour depends on the id alone. Arcs are drawn to 1/2048 of the circle, the numbers in the legend are exact. O(p).
 * @throws A `RingError` with code `RING_INVALID_OPTION`.
 * @category Insight
 */
export function toSVG<Node extends RingNode>(
  placement: ArcPlacement<Node>,
  options: SVGOptions = {},
): string {
  const { size = 400, title = `Placement of ${placement.nodes.length} nodes` } = options
  requireWhole('size', size, 100, 4000)
  const owned = [...ownership(placement).values()]
  const labels = owned.map(({ node, share }) => `${printable(node.id)} ${percent(share)}`)
  const rows = Math.max(Math.floor(size / ROW), Math.ceil(owned.length / MOST_COLUMNS))
  const column = labels.reduce((most, label) => Math.max(most, label.length), 0) * CHARACTER + ROW * 2
  const width = size + MARGIN * 2 + Math.ceil(owned.length / rows) * column
  const height = Math.max(size, Math.min(rows, owned.length) * ROW) + MARGIN * 2
  const legend = owned.map(({ node }, at) => {
    const x = size + MARGIN * 2 + Math.floor(at / rows) * column
    return legendRow(node.id, labels[at] ?? '', x, MARGIN + (at % rows) * ROW)
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

function legendRow(id: string, label: string, x: number, y: number): string {
  const box = `<rect x="${x}" y="${y}" width="14" height="14" fill="${colourOf(id)}"/>`
  return `${box}<text x="${x + 22}" y="${y + 12}">${escaped(label)}</text>`
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
 * @throws A `RingError` with code `RING_INVALID_OPTION`.
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
