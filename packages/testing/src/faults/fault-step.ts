import type { NodeId } from '@colony/host'
import type { LinkChange, LinkSelection } from '../network/link-settings.ts'

/**
 * What all steps have.
 * @category Faults
 */
export interface TimedStep {
  /** When: simulated milliseconds since the world began. */
  readonly at: number
}

/**
 * A process dies. A protocol must survive it at any point, for any minority of nodes for ever, and for all of them if they come back.
 * @category Faults
 */
export interface CrashStep extends TimedStep {
  /** What happens. */
  readonly do: 'crash'
  /** Which node. */
  readonly node: NodeId
  /** Whether the power fails, so that what was not synced may be lost; `false`: only the process dies. Default `true`. */
  readonly power?: boolean
}

/**
 * `restart`: a new process on the same disk, with a fresh clock; to be survived right after the crash too, and in the middle of a recovery. `pause` and
 * `resume`: nothing runs for a while, then everything that waited comes at once, timers first; what the node held may be another's by then.
 * @category Faults
 */
export interface LifecycleStep extends TimedStep {
  /** What happens. */
  readonly do: 'restart' | 'pause' | 'resume'
  /** Which node. */
  readonly node: NodeId
}

/**
 * Groups that cannot talk to each other. The side with a quorum must go on, the others must not lie.
 * @category Faults
 */
export interface PartitionStep extends TimedStep {
  /** What happens. */
  readonly do: 'partition'
  /** Who can still talk to whom; a node in no group is alone. All other links are mended. */
  readonly groups: readonly (readonly NodeId[])[]
}

/**
 * Single directions of links die. A node that hears but is not heard, or is heard but does not hear, must not keep the others from working for ever.
 * @category Faults
 */
export interface CutStep extends TimedStep {
  /** What happens. */
  readonly do: 'cut'
  /** Sender and receiver of each. */
  readonly links: readonly (readonly [from: NodeId, to: NodeId])[]
}

/**
 * Cut links work again, all or those that are selected. Afterwards everything must make progress.
 * @category Faults
 */
export interface HealStep extends TimedStep, LinkSelection {
  /** What happens. */
  readonly do: 'heal'
}

/**
 * Links, all or those that are selected, become lossy, slow, duplicating or reordering, or (with `null`) as they were. Any frame may be lost, late
 * or repeated at any time, so this must never cost more than time.
 * @category Faults
 */
export interface NetworkStep extends TimedStep, LinkSelection {
  /** What happens. */
  readonly do: 'network'
  /** What changes. */
  readonly change: LinkChange
}

/**
 * A node's clock drifts, or jumps forwards. Safety may rest on bounded drift only where a protocol says so.
 * @category Faults
 */
export interface ClockStep extends TimedStep {
  /** What happens. */
  readonly do: 'clock'
  /** Which node. */
  readonly node: NodeId
  /** Local milliseconds per simulated millisecond, 0.01 to 100. Default: as it was. */
  readonly rate?: number
  /** Jump forwards in milliseconds, 0 to 10^9. Default 0. */
  readonly jumpMs?: number
}

/**
 * A node's event loop gets sluggish: its timers come late. Nothing may depend on a timer being on time.
 * @category Faults
 */
export interface TimersStep extends TimedStep {
  /** What happens. */
  readonly do: 'timers'
  /** Which node. */
  readonly node: NodeId
  /** How late at most, in milliseconds, 0 (as usual) to 10^6. */
  readonly slackMs: number
}

/**
 * One fault, or the end of one, as plain JSON.
 *
 * A step that makes no sense when its time comes (crash of a node that is down) does nothing, so any part of a schedule is a schedule.
 * @category Faults
 */
export type FaultStep =
  CrashStep | LifecycleStep | PartitionStep | CutStep | HealStep | NetworkStep | ClockStep | TimersStep

/**
 * What a {@link FaultStep} does.
 * @category Faults
 */
export type FaultKind = FaultStep['do']
