import type { Operation } from '../history/operation.ts'
import type { LoseEvent, TimelineEvent } from '../timeline/timeline.ts'
import type { FailurePicture } from './failure-picture.ts'
import { faultText } from './fault-text.ts'
import { layoutIntervals } from './intervals.ts'
import type { NodeColumns } from './node-columns.ts'
import { outcomeText, processName, requestText } from './operation-text.ts'
import { counted } from './verdict.ts'

/** One line about what happened. */
export interface TextLine {
  /** Milliseconds. */
  readonly at: number
  /** A character a node. */
  readonly states: string
  readonly text: string
  /** Whether it is the failure. */
  readonly marked: boolean
}

/** Something that may get a line: an event, or the call or return of an operation. */
interface Happening {
  readonly at: number
  readonly event?: TimelineEvent
  readonly text?: string
  readonly marked?: boolean
}

/** Everything of importance in order of time, and where among it the failure is: its first marked line, or the end. */
export function importantLines(
  picture: FailurePicture,
  nodes: NodeColumns,
): { readonly lines: readonly TextLine[]; readonly failureAt: number } {
  const happenings = [
    ...picture.timeline.events.map((event): Happening => ({ at: event.at, event })),
    ...operationHappenings(picture),
  ]
  // Sorting is stable: of one instant, what the world did comes before what clients saw of it.
  happenings.sort((left, right) => left.at - right.at)
  const lines: TextLine[] = []
  const losses = new Losses()
  let lastFault: TextLine | undefined
  const add = (at: number, text: string, { marked = false, fault = false } = {}): void => {
    losses.flushInto(lines, nodes)
    const before = lines.at(-1)
    // Mending everything is dozens of steps of one instant, which are one thing to a reader.
    const together = fault && before !== undefined && before === lastFault && before.at === at
    if (together) lines[lines.length - 1] = { ...before, text: `${before.text}; ${text}` }
    else lines.push({ at, states: nodes.states, text: fault ? `fault: ${text}` : text, marked })
    if (fault) lastFault = lines.at(-1)
  }
  for (const { at, event, text, marked } of happenings) {
    if (event?.kind === 'lose') losses.add(event)
    const words = text ?? eventWords(event, nodes, () => losses.flushInto(lines, nodes))
    if (words !== undefined) add(at, words, { marked: marked ?? false, fault: event?.kind === 'fault' })
  }
  losses.flushInto(lines, nodes)
  const marked = lines.findIndex((line) => line.marked)
  return { lines, failureAt: marked === -1 ? Math.max(0, lines.length - 1) : marked }
}

/** Words of an event, after its effect on the columns; `before` is called while they still show how it was. */
function eventWords(
  event: TimelineEvent | undefined,
  nodes: NodeColumns,
  before: () => void,
): string | undefined {
  switch (event?.kind) {
    case 'fault':
      return faultText(event.step)
    case 'state':
      before()
      nodes.setState(event.node, event.state)
      return `${event.node} is ${event.state}`
    case 'role':
      before()
      nodes.setRole(event.node, event.role)
      return event.role === ''
        ? `${event.node} steps down`
        : `${event.node} becomes ${event.role}${event.term === undefined ? '' : ` ${event.term}`}`
    case 'note':
      return event.node === undefined ? event.text : `${event.node}: ${event.text}`
    default:
      return undefined
  }
}

/** Losses since the last line, to be told in one. */
class Losses {
  #first = 0
  readonly #counts = new Map<string, number>()

  add({ at, reason }: LoseEvent): void {
    if (this.#counts.size === 0) this.#first = at
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1)
  }

  take(): { readonly at: number; readonly text: string } | undefined {
    if (this.#counts.size === 0) return undefined
    const sum = [...this.#counts.values()].reduce((left, right) => left + right, 0)
    const reasons = [...this.#counts].map(([reason, count]) => `${reason} ${count}`).join(', ')
    this.#counts.clear()
    return { at: this.#first, text: `${counted(sum, 'message')} lost (${reasons})` }
  }

  flushInto(lines: TextLine[], nodes: NodeColumns): void {
    const lost = this.take()
    if (lost !== undefined) lines.push({ ...lost, states: nodes.states, marked: false })
  }
}

function operationHappenings(picture: FailurePicture): Happening[] {
  const { operations = picture.witness?.prefix ?? [] } = picture
  const { intervals } = layoutIntervals(picture)
  // Both are in order of the calls.
  const ordered = [...operations].sort((left, right) => left.invokedAt - right.invokedAt)
  return ordered.flatMap((operation, place) => {
    const interval = intervals[place]
    return linesOf(operation, interval?.part === 'impossible', interval?.order ?? 0)
  })
}

function linesOf(operation: Operation, impossible: boolean, order: number): Happening[] {
  const request = `${processName(operation.process)}: ${requestText(operation)}`
  const call = { at: operation.invokedAt, text: `${request} …` }
  if (operation.completedAt === Number.POSITIVE_INFINITY) return [{ ...call, text: `${request} … no answer` }]
  const place = order === 0 ? '' : `  (${order} of the last legal order)`
  const verdict = impossible ? '  THE FIRST IMPOSSIBLE OPERATION' : place
  const text = `${request} ${outcomeText(operation)}${verdict}`
  return [call, { at: operation.completedAt, text, marked: impossible }]
}
