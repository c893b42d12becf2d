import { formatSeed } from '../run/seeds.ts'
import type { TimelineEvent } from '../timeline/timeline.ts'
import { type Arrow, pairArrows } from './arrows.ts'
import { type Band, faultBands, type PerformedStep } from './bands.ts'
import type { FailurePicture } from './failure-picture.ts'
import { faultText } from './fault-text.ts'
import { type Interval, layoutIntervals } from './intervals.ts'
import { printable, shortened } from './printable.ts'
import { type RoleSpan, roleSpans, type StateSpan, stateSpans } from './spans.ts'
import { type Verdict, verdictOf } from './verdict.ts'

/** Something that happened at one instant: a fault step, or a note. */
export interface Mark {
  /** Milliseconds. */
  readonly at: number
  readonly kind: 'fault' | 'note'
  /** Lane of the node, where it is about one. */
  readonly node?: number
  readonly text: string
}

/** Everything that a picture shows, with places instead of names and nothing left to decide but where the eye is. */
export interface Scene {
  readonly title: string
  /** Suite and seed; empty where no scenario is known. */
  readonly subtitle: string
  readonly repro: string
  readonly verdict: Verdict
  /** Milliseconds: where the picture begins. */
  readonly startMs: number
  /** Milliseconds: where it ends, after `startMs`. */
  readonly endMs: number
  /** Events before the first that is shown, which nobody kept. */
  readonly forgotten: number
  /** Milliseconds: the first event that is shown, when earlier ones were forgotten; else `startMs`. */
  readonly knownFromMs: number
  readonly nodes: readonly string[]
  readonly processes: readonly string[]
  readonly arrows: readonly Arrow[]
  readonly states: readonly StateSpan[]
  readonly roles: readonly RoleSpan[]
  readonly bands: readonly Band[]
  readonly marks: readonly Mark[]
  readonly intervals: readonly Interval[]
}

/** Lays out a picture. */
export function layoutScene(picture: FailurePicture): Scene {
  const { timeline, scenario } = picture
  const { intervals, processes } = layoutIntervals(picture)
  const { startMs, endMs, knownFromMs } = timeRange(picture, intervals)
  const whole = { ...timeline, endMs: Math.max(timeline.endMs, endMs) }
  return {
    title: printable(picture.title),
    subtitle: scenario === undefined ? '' : printable(`${scenario.suite}, seed ${formatSeed(scenario.seed)}`),
    repro: printable(picture.repro ?? ''),
    verdict: verdictOf(picture, endMs),
    startMs,
    endMs,
    forgotten: timeline.forgotten,
    knownFromMs,
    nodes: timeline.nodes.map(printable),
    processes,
    arrows: pairArrows(whole),
    states: stateSpans(whole, knownFromMs),
    roles: roleSpans(whole),
    bands: faultBands(performedSteps(timeline.events), endMs),
    marks: marksOf(timeline.nodes, timeline.events),
    intervals,
  }
}

/** From the beginning, or from the first operation or event that is known, to the last. */
function timeRange(
  { timeline }: FailurePicture,
  intervals: readonly Interval[],
): Pick<Scene, 'startMs' | 'endMs' | 'knownFromMs'> {
  const firstEvent = timeline.events[0]?.at
  const knownFromMs = timeline.forgotten > 0 ? (firstEvent ?? 0) : 0
  let startMs = timeline.nodes.length === 0 ? (intervals[0]?.from ?? 0) : knownFromMs
  let endMs = Math.max(timeline.endMs, timeline.events.at(-1)?.at ?? 0)
  if (timeline.nodes.length === 0) endMs = timeline.events.length === 0 ? startMs : endMs
  for (const { from, to } of intervals) {
    startMs = Math.min(startMs, from)
    endMs = Math.max(endMs, to ?? from)
  }
  return {
    startMs,
    endMs: endMs > startMs ? endMs : startMs + 1,
    knownFromMs: Math.max(knownFromMs, startMs),
  }
}

/** The fault steps that were carried out. */
export function performedSteps(events: readonly TimelineEvent[]): PerformedStep[] {
  return events.filter((event) => event.kind === 'fault').map(({ at, step }) => ({ at, step }))
}

function marksOf(nodes: readonly string[], events: readonly TimelineEvent[]): Mark[] {
  const marks: Mark[] = []
  for (const event of events) {
    if (event.kind !== 'fault' && event.kind !== 'note') continue
    const id = event.kind === 'fault' ? (event.step as { readonly node?: string }).node : event.node
    const node = id === undefined ? -1 : nodes.indexOf(id)
    const text = event.kind === 'fault' ? faultText(event.step) : shortened(printable(event.text))
    marks.push({ at: event.at, kind: event.kind, ...(node !== -1 && { node }), text })
  }
  return marks
}
