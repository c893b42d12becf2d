import type { NodeId, Random } from '@colony/host'
import type { Episode } from './episode.ts'
import { sample } from './episode.ts'

/**
 * The kinds of faults that are generated; {@link FAULT_ATLAS} says what each is.
 * @category Faults
 */
export type GeneratedFault =
  | 'crash'
  | 'blackout'
  | 'pause'
  | 'partition'
  | 'ring'
  | 'loss'
  | 'latency'
  | 'jitter'
  | 'bandwidth'
  | 'duplicate'
  | 'replay'
  | 'reorder'
  | 'clock'
  | 'skew'
  | 'timers'
  | 'loop'
  | 'slow-disk'
  | 'hunt'
  | 'ambush'
  | 'wipe'
  | 'disk-failure'
  | 'disk-full'
  | 'corruption'

/**
 * What is known of one kind of generated fault.
 * @category Faults
 */
export interface AtlasEntry {
  /** Probability that a seed has the kind at all, unless {@link GenerateFaultsOptions.weights} says otherwise. */
  readonly weight: number
  /**
   * What it takes, and so what keeps the sum survivable. `time`: nothing for good; no bound. `node`: a node is out of action meanwhile; no more than `maxDown` are at once, whatever
   * the kinds. `data`: what a node's disk holds; only ever on the same few nodes of a schedule, less than half, so that the others have everything.
   */
  readonly takes: 'time' | 'node' | 'data'
  /** What happens, and what a protocol must survive. */
  readonly says: string
}

/**
 * Every kind of generated fault: what it is, how often it is drawn, and what keeps all of them together within what a correct system survives.
 *
 * Kinds with weight 0 ask more of a system than to be crash-safe, and are for those that promise more. Beyond the atlas a schedule is written by hand; a protocol must then
 * refuse, not lie.
 * @category Faults
 */
export const FAULT_ATLAS: Readonly<Record<GeneratedFault, AtlasEntry>> = {
  crash: entry(
    0.5,
    'node',
    'One process dies and comes back, with or without a power failure. Nothing that was promised may be missed.',
  ),
  blackout: entry(
    0.5,
    'node',
    'Several nodes lose power at one instant and come back. Nothing that was promised may be missed.',
  ),
  pause: entry(0.5, 'node', "One process stops and goes on. What it held may be another's by then."),
  partition: entry(
    0.5,
    'time',
    'Groups, single nodes, directions or links are cut off, or two sides have one bridge. The side with a quorum goes on.',
  ),
  ring: entry(
    0.5,
    'time',
    'Every node sees a majority, and no two the same. Nobody may be elected twice, and someone must stay elected.',
  ),
  loss: entry(0.5, 'time', 'Frames are lost, up to half of them.'),
  latency: entry(0.5, 'time', 'Links are slow.'),
  jitter: entry(
    0.5,
    'time',
    'Delays are even, constant (so that many things happen at one instant) or heavy-tailed.',
  ),
  bandwidth: entry(0.5, 'time', 'Links are narrow and their queues short: sending is refused.'),
  duplicate: entry(0.5, 'time', 'Frames come twice.'),
  replay: entry(0.5, 'time', 'Old frames come again, also those that were meant for an earlier incarnation.'),
  reorder: entry(0.5, 'time', 'Frames are held back, and others overtake them.'),
  clock: entry(
    0.5,
    'time',
    "One node's clocks run at half to double speed, and the monotonic one may jump forwards.",
  ),
  skew: entry(0.5, 'time', "One node's time of day is wrong. Nothing may depend on it."),
  timers: entry(0.5, 'time', "One node's timers come late."),
  loop: entry(0.5, 'time', "One node's event loop is slow."),
  'slow-disk': entry(0.5, 'time', "One node's disk is slow."),
  hunt: entry(
    0.5,
    'node',
    'Whoever has a role just then crashes, stops, gets slow or is cut off. Needs names of roles.',
  ),
  ambush: entry(
    0.5,
    'node',
    'Whoever is at a named point of the code crashes or stops there. Needs names of points.',
  ),
  wipe: entry(
    0,
    'data',
    'A disk is replaced by an empty one, once for each node that may lose data. Asks for members that come back as new ones.',
  ),
  'disk-failure': entry(
    0,
    'node',
    'Writes or syncs fail, until the machine starts again. Asks for a service that stops when its disk fails, and starts from what it has.',
  ),
  'disk-full': entry(0, 'node', 'A disk is full, until the machine starts again. Asks for the same.'),
  corruption: entry(
    0,
    'data',
    'Reads are wrong once, bits are wrong for good, writes go elsewhere. Asks for checksums, and for repair from other nodes.',
  ),
}

function entry(weight: number, takes: AtlasEntry['takes'], says: string): AtlasEntry {
  return { weight, takes, says }
}

/** Nodes whose disks may lose or alter data in one schedule: less than half, and never others, so that a majority always has everything. */
export function drawLossyNodes(random: Random, nodes: readonly NodeId[]): readonly NodeId[] {
  return sample(random, nodes, Math.floor((nodes.length - 1) / 2))
}

/** Leaves out episodes that would take too many nodes out of action, or one that is out already. `episodes` are in order of time. */
export function survivable(episodes: readonly Episode[], maxDown: number): Episode[] {
  let standing: Episode[] = []
  return episodes.filter((episode) => {
    if (episode.down.length === 0) return true
    standing = standing.filter(({ to }) => to >= episode.from)
    const out = new Set(standing.flatMap(({ down }) => down))
    const fits = out.size + episode.down.length <= maxDown && !episode.down.some((node) => out.has(node))
    if (fits) standing.push(episode)
    return fits
  })
}
