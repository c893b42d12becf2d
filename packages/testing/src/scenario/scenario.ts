import type { NodeId } from '@colony/host'
import type { FaultStep } from '../faults/fault-step.ts'
import type { Seed } from '../run/seed.ts'
import type { DiskLatency } from '../disk/index.ts'
import type { NetworkOptions } from '../world/world-options.ts'

/**
 * One operation of one client, planned before the run. A client does one thing after the other: an operation begins at `at`, or when the one before
 * has ended, whichever is later.
 * @category Scenarios
 */
export interface ClientOperation {
  /** Not before: simulated milliseconds. */
  readonly at: number
  /** The client, 1 and up. */
  readonly process: number
  /** The verb, as the suite and its model name it. */
  readonly f: string
  /** Which object. Default: there is only one. */
  readonly key?: string
  /** The arguments, plain data. */
  readonly value?: unknown
  /** The node that is asked. */
  readonly node: NodeId
}

/**
 * One run as plain JSON: with the suite that it names, everything that happens follows from it. Any part of its operations and faults is a scenario again, which is
 * what makes shrinking possible.
 * @category Scenarios
 */
export interface Scenario {
  /** Version of this form. */
  readonly v: 1
  /** Name of the suite that can run it. */
  readonly suite: string
  /** Decides what the rest leaves to chance: latencies, ties, what crashes take. */
  readonly seed: Seed
  /** The nodes at the start. */
  readonly nodes: readonly NodeId[]
  /** How long clients work and faults happen, in simulated milliseconds. */
  readonly durationMs: number
  /** What the network is like at first. Default: a healthy local one. */
  readonly network?: NetworkOptions
  /** How long disks take. Default: see {@link DiskLatency}. */
  readonly disk?: DiskLatency
  /** What the suite drew for itself, plain data: timeouts, sizes. */
  readonly settings: Readonly<Record<string, unknown>>
  /** What the clients do. */
  readonly operations: readonly ClientOperation[]
  /** What goes wrong. */
  readonly faults: readonly FaultStep[]
  /** The check that it is known to break, by name; absent when it is not known to break any. */
  readonly breaks?: string
}
