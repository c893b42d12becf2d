import type { NodeId, ObservedEvent } from '@colony/host'
import type { DiskLatency } from '../disk/index.ts'
import type { LinkSettings } from '../network/link-settings.ts'
import type { Seed } from '../run/seeds.ts'
import type { TraceOptions } from '../trace/trace.ts'
import type { Boot } from './simulated-node.ts'

/**
 * What the network of a world is like.
 * @category World
 */
export interface NetworkOptions extends Partial<LinkSettings> {
  /** Largest frame that `send` accepts, in bytes: 1 to 2^30. Default 1,048,576. */
  readonly maxFrameBytes?: number
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
  /** Receives what the hosts' observers are told. Every such event also goes into the trace. */
  readonly observer?: (event: ObservedEvent, node: NodeId) => void
  /**
   * Whether a frame handler that throws fails the run. Default `true`: no protocol may throw at what a peer sends. With `false` the throw is only
   * reported to the observer, as a real transport does.
   */
  readonly failOnHandlerError?: boolean
  /** Most events of one call of `run`, 1 to 10^12. Default 20,000,000. Reached, it fails the run: something re-arms itself without end. */
  readonly maxEvents?: number
}
