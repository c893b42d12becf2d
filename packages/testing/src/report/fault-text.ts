import type { FaultStep } from '../faults/fault-step.ts'
import { printable, shortened, valueText } from './printable.ts'

/** Nodes that can still talk to each other, group by group: `a b | c`. */
export function groupsText(groups: readonly (readonly string[])[]): string {
  return groups.map((group) => group.map(printable).join(' ')).join(' | ')
}

/** One-way links: `a→b, c→a`. */
export function linksText(links: readonly (readonly [string, string])[]): string {
  return links.map(([from, to]) => `${printable(from)}→${printable(to)}`).join(', ')
}

/** Settings as they are changed: `loss 0.2, reorderMs 40`; `as before` when all are taken back. */
export function changeText(change: object): string {
  const changes = Object.entries(change).filter(([, value]) => value !== undefined)
  if (changes.length > 1 && changes.every(([, value]) => value === null)) return 'as before'
  return changes
    .map(
      ([field, value]) => `${printable(field)} ${value === null ? 'as before' : valueText(rounded(value))}`,
    )
    .join(', ')
}

/** Drawn numbers have more digits than anyone wants to read. */
function rounded(value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value
}

/** Which links a step selects: `all links`, `a→b`, `links from a`, `links to b`. */
export function selectionText({ from, to }: { readonly from?: string; readonly to?: string }): string {
  if (from !== undefined && to !== undefined) return linksText([[from, to]])
  if (from !== undefined) return `links from ${printable(from)}`
  return to === undefined ? 'all links' : `links to ${printable(to)}`
}

/** A fault step in words: `crash a`, `partition a b | c`, `network all links: loss 0.2`. Kinds without words of their own are shown field by field. */
export function faultText(step: FaultStep): string {
  const { forMs } = step
  return shortened(forMs === undefined ? words(step) : `${words(step)}, for ${forMs} ms`)
}

function words(step: FaultStep): string {
  switch (step.do) {
    case 'crash':
      return `crash ${printable(step.node)}${step.power === false ? ', the process only' : ''}`
    case 'restart':
    case 'pause':
    case 'resume':
      return `${step.do} ${printable(step.node)}`
    case 'partition':
      return `partition ${groupsText(step.groups)}`
    case 'cut':
      return `cut ${linksText(step.links)}`
    case 'heal':
      return `heal ${selectionText(step)}`
    case 'network':
      return `network ${selectionText(step)}: ${changeText(step.change)}`
    case 'disk':
      return `disk ${printable(step.node)}: ${changeText(step.change)}`
    case 'arm':
      return armedWords(step)
    default:
      return otherWords(step)
  }
}

function armedWords({
  point,
  node,
  skip = 0,
  delayMs = 0,
  then,
}: FaultStep & { readonly do: 'arm' }): string {
  const where = node === undefined ? '' : ` of ${printable(node)}`
  const later = `${skip > 0 ? ` after ${skip} times` : ''}${delayMs > 0 ? ` and ${delayMs} ms` : ''}`
  return `when at '${printable(point)}'${where}${later}: ${words({ at: 0, ...then } as FaultStep)}`
}

function otherWords(step: FaultStep): string {
  const { at: _at, forMs: _forMs, do: kind, ...fields } = step as FaultStep & { readonly node?: string }
  const { node, ...rest } = fields as { readonly node?: string }
  const name = node === undefined ? kind : `${kind} ${printable(node)}`
  const details = changeText(rest)
  return details === '' ? name : `${name}: ${details}`
}
