import { BOLD, type Brush, clipped, fitted, haloText, hatch, inView, SMALL } from './brush.ts'
import { roleBox, stateBox, STRIP } from './shapes.ts'

/** The nodes' life lines, and when they were down or paused. */
export function drawLanes(brush: Brush): void {
  const { scene, context, colours, geometry, width } = brush
  context.strokeStyle = colours.line
  context.lineWidth = 2
  context.setLineDash([])
  for (const { line } of geometry.nodes) {
    context.beginPath()
    context.moveTo(geometry.gutter, line)
    context.lineTo(geometry.gutter + width, line)
    context.stroke()
  }
  for (const span of scene.states) {
    const whole = stateBox(brush, span)
    if (!inView(brush, whole.x, whole.x + whole.width)) continue
    const box = clipped(brush, whole)
    const colour = span.state === 'down' ? colours.down : colours.paused
    context.fillStyle = colours.background
    context.fillRect(box.x, box.y, box.width, box.height)
    context.globalAlpha = 0.16
    context.fillStyle = colour
    context.fillRect(box.x, box.y, box.width, box.height)
    context.globalAlpha = 0.45
    hatch(context, box, colour, span.state === 'down' ? 1 : 0)
    context.globalAlpha = 1
    context.strokeStyle = colour
    context.lineWidth = 1
    context.setLineDash([])
    context.strokeRect(box.x + 0.5, box.y + 0.5, box.width - 1, box.height - 1)
  }
}

/** How each role's strip looks: filled, striped, or an outline. */
const TEXTURES = ['filled', 'striped', 'outline'] as const

/** Who was what: a thick strip on the life line. */
export function drawRoles(brush: Brush): void {
  const { scene, context, colours } = brush
  const names = roleNames(scene.roles)
  for (const span of scene.roles) {
    const whole = roleBox(brush, span)
    if (!inView(brush, whole.x, whole.x + whole.width)) continue
    const box = clipped(brush, whole)
    const kind = Math.min(names.indexOf(span.role), TEXTURES.length - 1)
    const colour = colours.roles[kind] ?? colours.text
    context.fillStyle = kind === 0 ? colour : colours.background
    context.fillRect(box.x, box.y, box.width, box.height)
    if (TEXTURES[kind] === 'striped') hatch(context, box, colour, 0)
    context.strokeStyle = colour
    context.lineWidth = 1.5
    context.setLineDash([])
    context.strokeRect(box.x, box.y, box.width, box.height)
  }
}

/** Roles from the one that matters most to tests. */
export function roleNames(roles: readonly { readonly role: string }[]): string[] {
  const names = [...new Set(roles.map(({ role }) => role))]
  const weight = (name: string): number => (/lead|hold|primary|master/i.test(name) ? 0 : 1)
  return names.sort((left, right) => weight(left) - weight(right))
}

/** Words on the lanes, above the arrows: states and roles, as far as there is room. */
export function drawLaneWords(brush: Brush): void {
  const { scene, context, colours, geometry } = brush
  context.textBaseline = 'alphabetic'
  context.textAlign = 'left'
  const names = roleNames(scene.roles)
  for (const span of scene.roles) {
    const box = roleBox(brush, span)
    if (!inView(brush, box.x, box.x + box.width)) continue
    const x = Math.max(box.x, geometry.gutter) + 2
    context.font = BOLD
    const text = span.term === undefined ? span.role : `${span.role} ${span.term}`
    const words = fitted(context, text, box.x + box.width - x)
    const colour = colours.roles[Math.min(names.indexOf(span.role), 2)] ?? colours.text
    if (words !== '') haloText(brush, words, { x, y: box.y - 5 }, colour)
  }
  for (const span of scene.states) {
    const box = stateBox(brush, span)
    if (!inView(brush, box.x, box.x + box.width)) continue
    const x = Math.max(box.x, geometry.gutter) + 5
    context.font = SMALL
    if (context.measureText(span.state).width > box.x + box.width - x - 3) continue
    const below = Math.min((geometry.nodes[span.node]?.line ?? 0) + STRIP + 13, box.y + box.height - 4)
    haloText(brush, span.state, { x, y: below }, colours.text)
  }
}
