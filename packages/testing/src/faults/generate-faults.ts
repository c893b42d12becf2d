import type { NodeId, Random } from '@colony/host'
import { SOUND_AGAIN } from '../disk/disk-settings.ts'
import { requireRange, TestingError } from '../errors.ts'
import { AS_IT_WAS } from '../network/link-settings.ts'
import type { GeneratedFault } from './atlas.ts'
import { drawLossyNodes, FAULT_ATLAS, survivable } from './atlas.ts'
import { EPISODE_MAKERS } from './episode-makers.ts'
import type { Episode, EpisodeFrame } from './episode.ts'
import type { FaultStep } from './fault-step.ts'

/**
 * What to generate.
 * @category Faults
 */
export interface GenerateFaultsOptions {
  /** The labelled stream to draw from: `world.random.fork('faults')`. Only forks of it are used. */
  readonly random: Random
  /** The nodes, at least one. */
  readonly nodes: readonly NodeId[]
  /** Until when there are faults: simulated milliseconds, up to 10^9. At this time everything is mended. */
  readonly durationMs: number
  /** From when on, in simulated milliseconds. Default 0. */
  readonly startMs?: number
  /**
   * Most nodes that are down or paused at the same time. Default: the largest minority, so that a quorum always lives. More is allowed, up to all:
   * what is durable must survive that too, though nothing works meanwhile.
   */
  readonly maxDown?: number
  /** Names of roles whose holders may be hunted: `['leader']`, for a world with {@link WorldOptions.roles}. Default: none. */
  readonly roles?: readonly string[]
  /** Names of points that the code reaches with {@link World.reach}, and where faults may wait for it. Default: none. */
  readonly points?: readonly string[]
  /**
   * Swarm weights: the probability, 0 to 1, that a seed has faults of the kind at all. Default: what {@link FAULT_ATLAS} says, 0.5 for most. Many bugs only show while some other
   * fault is absent, so no seed should have everything (Groce et al., Swarm Testing, 2012).
   */
  readonly weights?: Readonly<Partial<Record<GeneratedFault, number>>>
}

const KINDS = Object.keys(EPISODE_MAKERS) as GeneratedFault[]

/**
 * Draws a schedule of faults: first which kinds this seed has, then for each kind how often and how strong, then the single faults. Sorted by time;
 * ends with everything mended at `durationMs`. Every kind draws from a stream of its own, so that leaving one out does not change the others.
 * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` for an option out of range.
 * @category Faults
 */
export function generateFaults(options: GenerateFaultsOptions): readonly FaultStep[] {
  const frame = frameOf(options)
  const episodes = KINDS.flatMap((kind) => drawKind(kind, options, frame))
  episodes.sort((left, right) => left.from - right.from)
  const steps = survivable(episodes, frame.maxDown).flatMap(({ begin, end }) => [...begin, ...end])
  return [
    ...steps.toSorted((left, right) => left.at - right.at),
    ...mendEverything(options.nodes, options.durationMs),
  ]
}

/**
 * The steps that end every fault at once: nothing armed, all links whole, every clock true, every disk sound (but for what it has lost), every node running.
 * @category Faults
 */
export function mendEverything(nodes: readonly NodeId[], at: number): FaultStep[] {
  const perNode = nodes.flatMap((node): FaultStep[] => [
    { at, do: 'resume', node },
    { at, do: 'restart', node },
    { at, do: 'clock', node, rate: 1, skewMs: 0 },
    { at, do: 'timers', node, slackMs: 0 },
    { at, do: 'loop', node, busyMs: 0 },
    { at, do: 'disk', node, change: SOUND_AGAIN },
  ])
  return [{ at, do: 'disarm' }, { at, do: 'heal' }, { at, do: 'network', change: AS_IT_WAS }, ...perNode]
}

function frameOf(options: GenerateFaultsOptions): EpisodeFrame {
  const { nodes, durationMs, startMs = 0, maxDown, roles = [], points = [], random } = options
  if (nodes.length === 0)
    throw new TestingError('TESTING_INVALID_OPTION', 'nodes must name at least one node')
  const minority = Math.floor((nodes.length - 1) / 2)
  return {
    nodes,
    endMs: requireRange('durationMs', durationMs, 0, 1e9),
    startMs: requireRange('startMs', startMs, 0, durationMs),
    maxDown: requireRange('maxDown', maxDown ?? minority, 0, nodes.length),
    lossy: drawLossyNodes(random.fork('lossy'), nodes),
    roles,
    points,
  }
}

function drawKind(kind: GeneratedFault, options: GenerateFaultsOptions, frame: EpisodeFrame): Episode[] {
  const random = options.random.fork(kind)
  const usual = FAULT_ATLAS[kind].weight
  const weight = requireRange(`weights.${kind}`, options.weights?.[kind] ?? usual, 0, 1)
  if (random.float() >= weight) return []
  const takesDown = kind === 'crash' || kind === 'blackout' || kind === 'pause'
  return takesDown && frame.maxDown === 0 ? [] : EPISODE_MAKERS[kind](random, frame)
}
