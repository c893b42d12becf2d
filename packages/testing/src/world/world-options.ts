import type { Channel, NodeId, ObservedEvent } from '@colony/host'
import type { DiskLatency } from '../disk/index.ts'
import type { LinkSettings } from '../network/link-settings.ts'
import type { Seed } from '../run/seeds.ts'
import type { TraceOptions } from '../trace/trace.ts'
import type { Boot } from './simulated-node.ts'
import type { StateOptions } from './world-stats.ts'

/**
 * What the network of a world is like.
 * @category World
 */
export interface NetworkOptions extends Partial<LinkSettings> {
  /** Largest frame that `send` accepts, in bytes: 1 to 2^30. Default 1,048,576. */
  readonly maxFrameBytes?: number
}

/**
 * How much of a run is kept for a picture.
 * @category World
 */
export interface TimelineOptions {
  /** How many events are kept, the last ones of the run: 1 to 10^7. A picture stays readable up to about 10,000. */
  readonly events: number
}

/**
 * How to make a {@link World}.
 * @category World
 */
export interface WorldOptions<Service = unknown> {
  /** Decides everything that is left to chance. The same seed and the same code give the same run, byte for byte. Required. */
  readonly seed: Seed
  /** Nodes to start with, all running `boot`. Default: none; see {@link World.addNode}. */
  readonly nodes?: readonly NodeId[]
  /** What the nodes run. Default: nothing, which leaves their hosts to the test. */
  readonly boot?: Boot<Service>
  /** What the network is like at first. Default: a healthy local one. */
  readonly network?: NetworkOptions
  /** How long the nodes' disks take. Default: a drive with a short queue, see {@link DiskLatency}. */
  readonly disk?: DiskLatency
  /** What is remembered of the run for people. */
  readonly trace?: TraceOptions
  /** Keeps what happens, for pictures: see {@link World.timeline}. Default: nothing is kept, and nothing is spent on it. */
  readonly timeline?: TimelineOptions
  /** What a frame says, in a few words for the timeline; `undefined` where that cannot be told. Called for every frame sent while there is a timeline; must not throw. */
  readonly describeFrame?: (channel: Channel, frame: Uint8Array) => string | undefined
  /**
   * Names for nodes that change hands: who is `leader` just now. Fault steps use them as `@leader`; looked up when a step is carried out. Default: there are none, and a step
   * that uses one is refused.
   */
  readonly roles?: () => Readonly<Record<string, NodeId | undefined>>
  /** Counts the states that the run reaches, in {@link World.stats}. Default: they are not looked at. */
  readonly states?: StateOptions
  /** Receives what the hosts' observers are told. Every such event also goes into the trace. */
  readonly observer?: (event: ObservedEvent, node: NodeId) => void
  /**
   * Whether a frame handler that throws fails the run. Default `true`: no protocol may throw at what a peer sends. With `false` the throw is only
   * reported to the observer, as a real transport does.
   */
  readonly failOnHandlerError?: boolean
  /**
   * Whether code inside is refused the real world: while the world runs, real timers, the time of day, `performance.now`, `Math.random`, real cryptographic randomness and, under Node,
   * real network, files and processes throw a {@link TestingError} with code `TESTING_NOT_SIMULATED` and fail the run. Code that took such a function out of its place before
   * (`const { now } = Date`) is not noticed. Default `false`.
   */
  readonly strict?: boolean
  /** Most events of one call of `run`, 1 to 10^12. Default 20,000,000. Reached, it fails the run: something re-arms itself without end. */
  readonly maxEvents?: number
}
