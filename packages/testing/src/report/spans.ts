import type { Timeline, TimelineEvent } from '../timeline/timeline.ts'
import { printable } from './printable.ts'

/** A time in which a node did not run. */
export interface StateSpan {
  /** Lane of the node, 0 and up. */
  readonly node: number
  /** Milliseconds. */
  readonly from: number
  /** Milliseconds. */
  readonly to: number
  readonly state: 'down' | 'paused'
}

/** A time in which a node was something special. */
export interface RoleSpan {
  /** Lane of the node, 0 and up. */
  readonly node: number
  /** Milliseconds. */
  readonly from: number
  /** Milliseconds. */
  readonly to: number
  /** `leader`, `holder`, … */
  readonly role: string
  /** Term, epoch or fencing token, where it has one. */
  readonly term?: number
}

/** When nodes did not run. `startMs` is where the picture begins: a node whose first known change is to run was not running before. */
export function stateSpans(timeline: Timeline, startMs: number): StateSpan[] {
  const spans: StateSpan[] = []
  timeline.nodes.forEach((id, node) => {
    const changes = timeline.events.filter((event) => event.kind === 'state' && event.node === id)
    const [first] = changes as Changes<'state'>
    let open: { from: number; state: 'down' | 'paused' } | undefined
    if (timeline.forgotten > 0 && first?.state === 'up') open = { from: startMs, state: 'down' }
    for (const { at, state } of changes as Changes<'state'>) {
      if (open?.state === state) continue
      if (open !== undefined) spans.push({ node, to: at, ...open })
      open = state === 'up' ? undefined : { from: at, state }
    }
    if (open !== undefined) spans.push({ node, to: timeline.endMs, ...open })
  })
  return spans.filter(({ from, to }) => to > from)
}

/** Who was what, and when. A node that goes down is nothing any more; one that is paused still believes what it was. */
export function roleSpans(timeline: Timeline): RoleSpan[] {
  const spans: RoleSpan[] = []
  timeline.nodes.forEach((id, node) => {
    let open: { from: number; role: string; term?: number } | undefined
    const close = (to: number): void => {
      if (open !== undefined && to > open.from) spans.push({ node, to, ...open })
      open = undefined
    }
    for (const event of timeline.events) {
      if (event.kind === 'state' && event.node === id && event.state === 'down') close(event.at)
      if (event.kind !== 'role' || event.node !== id) continue
      const { at, term } = event
      const role = printable(event.role)
      if (open?.role === role && open.term === term) continue
      close(at)
      if (role !== '') open = { from: at, role, ...(term !== undefined && { term }) }
    }
    close(timeline.endMs)
  })
  return spans
}

type Changes<Kind extends TimelineEvent['kind']> = readonly (TimelineEvent & { readonly kind: Kind })[]
