import type { NodeId, Random } from '@colony/host'
import { exponential, minusLog } from '../math/exact.ts'
import type { FaultStep } from './fault-step.ts'

/** A fault that lasts: how it begins, how it ends, and whom it takes out of action meanwhile. */
export interface Episode {
  /** Simulated milliseconds. */
  readonly from: number
  /** Simulated milliseconds, after `from`. */
  readonly to: number
  /** Nodes that do not work meanwhile; a role, or `@here`, counts as one. */
  readonly down: readonly NodeId[]
  /** Steps at `from`. */
  readonly begin: readonly FaultStep[]
  /** Steps at `to`. */
  readonly end: readonly FaultStep[]
}

/** Where and when episodes may be. */
export interface EpisodeFrame {
  readonly nodes: readonly NodeId[]
  readonly startMs: number
  readonly endMs: number
  /** Most nodes that one episode may take out of action. */
  readonly maxDown: number
  /** Nodes whose disks may lose data. */
  readonly lossy: readonly NodeId[]
  /** Roles that may be hit, without their mark. */
  readonly roles: readonly string[]
  /** Points of the code where nodes may be hit. */
  readonly points: readonly string[]
}

/** Draws the episodes of one kind, in order of time and without overlap within the kind. How often and how long is drawn as well. */
export type EpisodeMaker = (random: Random, frame: EpisodeFrame) => Episode[]

/** A number from `min` to `max`, evenly on a logarithmic scale: each order of magnitude as often as the next. */
export function logarithmic(random: Random, min: number, max: number): number {
  return min * exponential(minusLog(min / max) * random.float())
}

/** Rounded to a tenth of a millisecond, so that schedules are readable. */
export function roundTime(ms: number): number {
  return Math.round(ms * 10) / 10
}

/** One of several. */
export function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[random.integer(0, items.length - 1)] as Item
}

/** Some of several, in random order. */
export function sample<Item>(random: Random, items: readonly Item[], count: number): Item[] {
  const left = [...items]
  return Array.from(
    { length: Math.min(count, items.length) },
    () => left.splice(random.integer(0, left.length - 1), 1)[0] as Item,
  )
}

/** Times of episodes: gaps and lengths around means that are drawn once, so that seeds differ in character and not only in detail. */
export function drawSpans(
  random: Random,
  frame: EpisodeFrame,
  gapMs: readonly [number, number],
  lengthMs: readonly [number, number],
): [from: number, to: number][] {
  const meanGap = logarithmic(random, ...gapMs)
  const meanLength = logarithmic(random, ...lengthMs)
  const spans: [number, number][] = []
  let from = frame.startMs
  for (;;) {
    from += meanGap * (0.25 + 1.5 * random.float())
    const to = from + meanLength * (0.25 + 1.5 * random.float())
    if (to >= frame.endMs) return spans
    spans.push([roundTime(from), roundTime(to)])
    from = to
  }
}
