import type { Arrow } from '../arrows.ts'
import { type Brush, haloText, inView, SMALL } from './brush.ts'
import { arrowPoints, type Point } from './shapes.ts'

/** Heads are drawn for at most so many arrows; beyond that they would cover each other. */
const MOST_HEADS = 1200
/** Arrows get their words when at most so many are in the picture. */
const MOST_WORDS = 60
/** Beyond so many arrows each is drawn fainter, so that the dense places stand out instead of turning black. */
const SOLID = 250
const FAINTEST = 0.12

/** The arrows in the picture; returns how many there are. */
export function drawArrows(brush: Brush): number {
  const { scene, context, colours } = brush
  const seen: { arrow: Arrow; points: Point[] }[] = []
  scene.arrows.forEach((arrow, place) => {
    if (!brush.shown(place)) return
    const points = arrowPoints(brush, arrow)
    const tail = points[0] as Point
    const head = points.at(-1) as Point
    if (inView(brush, Math.min(tail.x, head.x), Math.max(tail.x, head.x))) seen.push({ arrow, points })
  })
  const alpha = seen.length <= SOLID ? 1 : Math.max(FAINTEST, (SOLID / seen.length) ** 0.7)
  const heads = seen.length <= MOST_HEADS
  const arrived = seen.filter(({ arrow }) => arrow.outcome === 'delivered').map(({ points }) => points)
  const copies = seen.filter(({ arrow }) => arrow.outcome === 'copy').map(({ points }) => points)
  context.globalAlpha = alpha
  strokeAll(context, arrived, { colour: colours.message, dash: [], heads })
  context.globalAlpha = Math.max(alpha, 0.5)
  strokeAll(context, copies, { colour: colours.copy, dash: [6, 3], heads })
  drawStopped(brush, seen, heads)
  context.globalAlpha = 1
  if (seen.length <= MOST_WORDS) drawWords(brush, seen)
  return seen.length
}

/** Frames that did not arrive: a cross for a lost one, an open end for one on its way. */
function drawStopped(
  { context, colours }: Brush,
  seen: readonly { readonly arrow: Arrow; readonly points: Point[] }[],
  large: boolean,
): void {
  const lost = seen.filter(({ arrow }) => isLost(arrow)).map(({ points }) => points)
  const flying = seen.filter(({ arrow }) => arrow.outcome === 'flying').map(({ points }) => points)
  strokeAll(context, lost, { colour: colours.lost, dash: [], heads: false })
  context.lineWidth = large ? 2 : 1
  for (const points of lost) {
    context.beginPath()
    cross(context, points.at(-1) as Point, large ? 4 : 2.5)
    context.stroke()
  }
  strokeAll(context, flying, { colour: colours.message, dash: [2, 3], heads: false })
  context.setLineDash([])
  for (const points of flying) {
    const { x, y } = points.at(-1) as Point
    context.beginPath()
    context.arc(x, y, 2.5, 0, Math.PI * 2)
    context.stroke()
  }
}

function cross(context: CanvasRenderingContext2D, { x, y }: Point, half: number): void {
  context.moveTo(x - half, y - half)
  context.lineTo(x + half, y + half)
  context.moveTo(x + half, y - half)
  context.lineTo(x - half, y + half)
}

/** So many lines are stroked as one: one by one takes longer, and so does one path of thousands, whose edges all have to be sorted. */
const STROKE_LINES = 40

/** Strokes many lines. */
export function strokeAll(
  context: CanvasRenderingContext2D,
  lines: readonly (readonly Point[])[],
  look: { readonly colour: string; readonly dash: readonly number[]; readonly heads: boolean },
): void {
  context.strokeStyle = look.colour
  context.lineWidth = 1.2
  context.setLineDash([...look.dash])
  for (let first = 0; first < lines.length; first += STROKE_LINES) {
    context.beginPath()
    for (const points of lines.slice(first, first + STROKE_LINES)) {
      points.forEach(({ x, y }, corner) => (corner === 0 ? context.moveTo(x, y) : context.lineTo(x, y)))
    }
    context.stroke()
  }
  if (!look.heads) return
  context.setLineDash([])
  context.fillStyle = look.colour
  context.beginPath()
  for (const points of lines) head(context, points.at(-2) as Point, points.at(-1) as Point)
  context.fill()
}

/** A filled head at the end of a line. */
function head(context: CanvasRenderingContext2D, from: Point, to: Point): void {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1
  const [dx, dy] = [((to.x - from.x) / length) * 8, ((to.y - from.y) / length) * 8]
  context.moveTo(to.x, to.y)
  context.lineTo(to.x - dx - dy * 0.4, to.y - dy + dx * 0.4)
  context.lineTo(to.x - dx + dy * 0.4, to.y - dy - dx * 0.4)
}

/** What frames say, where the words do not lie on others. */
function drawWords(
  brush: Brush,
  seen: readonly { readonly arrow: Arrow; readonly points: readonly Point[] }[],
): void {
  const { context, colours, geometry } = brush
  context.font = SMALL
  context.textAlign = 'left'
  context.textBaseline = 'middle'
  // Words do not lie on crosses either: those say more.
  const taken = seen.flatMap(({ arrow, points }) =>
    isLost(arrow) ? [crossRoom(points.at(-1) as Point)] : [],
  )
  for (const { arrow, points } of seen) {
    const text = wordsOf(arrow)
    const tail = points[0] as Point
    const end = points.at(-1) as Point
    const width = context.measureText(text).width
    const lost = isLost(arrow)
    // In the middle between two lanes, not on a lane that the arrow only crosses.
    const part = Math.min(0.5, (geometry.nodes[arrow.from]?.height ?? 0) / 2 / Math.abs(end.y - tail.y))
    const x = lost ? end.x + 8 : tail.x + (end.x - tail.x) * part - width / 2
    const y = lost ? end.y : tail.y + (end.y - tail.y) * part
    const crowded = taken.some(
      (other) => Math.abs(other.y - y) < 14 && x < other.x + other.width + 2 && other.x < x + width + 2,
    )
    const outside = x < geometry.gutter + 2 || x + width > geometry.gutter + brush.width
    if (text === '' || crowded || outside) continue
    taken.push({ x, y, width })
    haloText(brush, text, { x, y }, lost ? colours.lost : colours.faint)
  }
}

function isLost({ outcome }: Arrow): boolean {
  return outcome !== 'delivered' && outcome !== 'copy' && outcome !== 'flying'
}

function crossRoom({ x, y }: Point): { x: number; y: number; width: number } {
  return { x: x - 4, y, width: 8 }
}

function wordsOf({ label, channel, outcome }: Arrow): string {
  const text = label === '' ? channel : label
  const words = text.length > 28 ? `${text.slice(0, 27)}…` : text
  if (outcome === 'delivered' || outcome === 'flying') return words
  return outcome === 'copy' ? `${words} (copy)` : `${words} (${outcome})`
}
