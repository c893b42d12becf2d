import type { NodeId, Random } from '@colony/host'
import type { DiskChange } from '../disk/disk-settings.ts'
import type { Episode, EpisodeFrame } from './episode.ts'
import { drawSpans, logarithmic, pick } from './episode.ts'
import type { FaultStep } from './fault-step.ts'

/** One node's disk is slow. */
export function makeSlowDisks(random: Random, frame: EpisodeFrame): Episode[] {
  return drawSpans(random, frame, [300, 4000], [200, 4000]).map(([from, to]) => {
    const node = pick(random, frame.nodes)
    const change = { slowdown: Math.round(logarithmic(random, 2, 50)) }
    return { from, to, down: [], ...lasting(from, to, node, change) }
  })
}

/** One node's writes or syncs fail now and then. */
export function makeFailingDisks(random: Random, frame: EpisodeFrame): Episode[] {
  return drawSpans(random, frame, [500, 5000], [100, 2000]).map(([from, to]) => {
    const chance = rounded(logarithmic(random, 0.01, 1))
    const which = pick(random, ['writeFailure', 'syncFailure'] as const)
    return untilRestart(from, to, pick(random, frame.nodes), { [which]: chance })
  })
}

/** One node's disk is full, or nearly so. */
export function makeFullDisks(random: Random, frame: EpisodeFrame): Episode[] {
  return drawSpans(random, frame, [500, 5000], [100, 2000]).map(([from, to]) => {
    const freeBytes = random.float() < 0.3 ? 0 : Math.round(logarithmic(random, 1, 100_000))
    return untilRestart(from, to, pick(random, frame.nodes), { freeBytes })
  })
}

/** The disks of some nodes, always the same few of a schedule, tell what was never written. */
export function makeCorruption(random: Random, frame: EpisodeFrame): Episode[] {
  if (frame.lossy.length === 0) return []
  return drawSpans(random, frame, [300, 4000], [200, 4000]).map(([from, to]) => {
    const which = pick(random, ['readCorruption', 'rot', 'misdirection'] as const)
    const change = { [which]: rounded(logarithmic(random, 0.001, 0.5)) }
    return { from, to, down: [], ...lasting(from, to, pick(random, frame.lossy), change) }
  })
}

/** The disks of some nodes, always the same few of a schedule, are replaced by empty ones. */
export function makeWipes(random: Random, frame: EpisodeFrame): Episode[] {
  if (frame.lossy.length === 0) return []
  return drawSpans(random, frame, [2000, 10_000], [20, 2000])
    .slice(0, frame.lossy.length)
    .map(([from, to], place) => {
      const node = frame.lossy[place] as NodeId
      const begin: FaultStep = { at: from, do: 'wipe', node }
      return { from, to, down: [node], begin: [begin], end: [{ at: to, do: 'restart', node }] }
    })
}

/** A process that saw its disk fail must not go on as if nothing were; the end is a new one, on what the disk really has. */
function untilRestart(from: number, to: number, node: NodeId, change: DiskChange): Episode {
  const { begin, end } = lasting(from, to, node, change)
  const again: readonly FaultStep[] = [
    { at: to, do: 'crash', node },
    { at: to, do: 'restart', node },
  ]
  return { from, to, down: [node], begin, end: [...end, ...again] }
}

function lasting(
  from: number,
  to: number,
  node: NodeId,
  change: DiskChange,
): { begin: readonly FaultStep[]; end: readonly FaultStep[] } {
  const undo = Object.fromEntries(Object.keys(change).map((field) => [field, null])) as DiskChange
  return {
    begin: [{ at: from, do: 'disk', node, change }],
    end: [{ at: to, do: 'disk', node, change: undo }],
  }
}

function rounded(chance: number): number {
  return Math.round(chance * 1000) / 1000
}
