import type { NodeId, Random } from '@colony/host'

/**
 * How the life of a node before this one ended: `first`, there was none; `kill`, only the process died; `power`, what was not durable may be lost; `wipe`, everything is.
 * @category World
 */
export type PreviousEnd = 'first' | 'kill' | 'power' | 'wipe'

/**
 * A pure state machine with the hands that carry out what it asks for. One life of one node of a {@link CoreCluster}.
 * @category World
 */
export interface SteppedCore<Input> {
  /**
   * Takes one input, and carries out what follows from it through the {@link CorePort}, all before it returns.
   * @param now The node's own monotonic clock, in milliseconds.
   */
  step(now: number, input: Input): void
}

/**
 * What a core reaches the world through.
 * @category World
 */
export interface CorePort<Input> {
  /** The node. */
  readonly id: NodeId
  /** Which life of the node this is: 1 for the first. */
  readonly life: number
  /** How the one before ended. */
  readonly previous: PreviousEnd
  /** A stream of this life's own. */
  readonly random: Random
  /** The node's own monotonic clock now, in milliseconds. */
  now(): number
  /** Sends a message: `input` is what the other node's core is given, some time later, once, twice or never. `false` when the link is full or there is no such node. */
  send(to: NodeId, input: Input): boolean
  /** Gives the node itself an input after so many simulated milliseconds, 0 to 10^9: a write that completed. It never comes when the node dies before. */
  later(delayMs: number, input: Input): void
  /** Gives the node `input` when its clock shows `time`, in milliseconds, in place of what was asked for before. `Infinity`: not at all. */
  wakeAt(time: number, input: Input): void
}
