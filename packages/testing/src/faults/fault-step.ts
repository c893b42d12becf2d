import type { NodeId } from '@colony/host'
import type { DiskChange } from '../disk/disk-settings.ts'
import type { LinkChange, LinkSelection } from '../network/link-settings.ts'

/**
 * What all steps have. Wherever a step names a node, `@name` stands for the node that has that role when the step is carried out (see
 * {@link WorldOptions.roles}); a step that names a role which nobody has does nothing.
 * @category Faults
 */
export interface TimedStep {
  /** When: simulated milliseconds since the world began. */
  readonly at: number
  /**
   * How long, in simulated milliseconds, 0 to 10^9: then the opposite is done to the same nodes and links. Default: until another step ends it. Steps that end
   * something take no notice of it.
   */
  readonly forMs?: number
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
 * A process dies and its disk is replaced by an empty one, which the next restart finds: the node has forgotten every promise that it ever made. Only a protocol that
 * brings such a node back as a new member survives it; where the node keeps its name and its vote, what a majority had promised may be lost.
 * @category Faults
 */
export interface WipeStep extends TimedStep {
  /** What happens. */
  readonly do: 'wipe'
  /** Which node. */
  readonly node: NodeId
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
  /**
   * Who can still talk to whom; a node in no group is alone. All other links are mended. A node that is named by its role leaves the group that has it by its id:
   * `[['@leader'], ['a', 'b', 'c']]` puts the leader alone, whoever it is.
   */
  readonly groups: readonly (readonly NodeId[])[]
}

/**
 * Single directions of links die. A node that hears but is not heard, or is heard but does not hear, must not keep the others from working for ever.
 * @category Faults
 */
export interface CutStep extends TimedStep {
  /** What happens. */
  readonly do: 'cut'
  /** Sender and receiver of each. A link from a node to itself, as roles may make one, is passed over. */
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
 * Links, all or those that are selected, become lossy, slow, narrow, duplicating, replaying or reordering, or (with `null`) as they were. Any frame may be lost,
 * late or repeated at any time, so this must never cost more than time.
 * @category Faults
 */
export interface NetworkStep extends TimedStep, LinkSelection {
  /** What happens. */
  readonly do: 'network'
  /** What changes. */
  readonly change: LinkChange
}

/**
 * A node's clocks drift, jump forwards, or (the time of day) are plainly wrong. Safety may rest on bounded drift of the monotonic clock only where a protocol says so,
 * and on the time of day never.
 * @category Faults
 */
export interface ClockStep extends TimedStep {
  /** What happens. */
  readonly do: 'clock'
  /** Which node. */
  readonly node: NodeId
  /** Local milliseconds per simulated millisecond, 0.01 to 100, of both clocks. Default: as it was. */
  readonly rate?: number
  /** Jump of the monotonic clock forwards in milliseconds, 0 to 10^9. Default 0. */
  readonly jumpMs?: number
  /** Sets the time of day to so many milliseconds ahead of the truth, -10^12 to 10^12; below 0 it is behind. Default: as it was. */
  readonly skewMs?: number
}

/**
 * A node's timers come late. Nothing may depend on a timer being on time.
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
 * A node's event loop gets slow: each event keeps it busy for a while, and what becomes due meanwhile waits. The node is neither dead nor quite alive; nothing may
 * depend on an answer being on time, and the others must get on without it.
 * @category Faults
 */
export interface LoopStep extends TimedStep {
  /** What happens. */
  readonly do: 'loop'
  /** Which node. */
  readonly node: NodeId
  /** How long an event takes at most, in milliseconds, uniformly drawn; 0 (as usual) to 10^6. */
  readonly busyMs: number
}

/**
 * A node's disk becomes slow, full, failing or untrue, or (with `null`) as it was. What each means, and what must survive it, is told with {@link DiskSettings}.
 * @category Faults
 */
export interface DiskStep extends TimedStep {
  /** What happens. */
  readonly do: 'disk'
  /** Which node. */
  readonly node: NodeId
  /** What changes. */
  readonly change: DiskChange
}

/**
 * What {@link ArmStep} waits with is forgotten.
 * @category Faults
 */
export interface DisarmStep extends TimedStep {
  /** What happens. */
  readonly do: 'disarm'
}

/**
 * A fault that is carried out by itself, at its own time.
 * @category Faults
 */
export type PlainFault =
  | CrashStep
  | WipeStep
  | LifecycleStep
  | PartitionStep
  | CutStep
  | HealStep
  | NetworkStep
  | ClockStep
  | TimersStep
  | LoopStep
  | DiskStep
  | DisarmStep

/**
 * What a step is but for its time, kind by kind.
 * @category Faults
 */
export type WithoutTime<Step> = Step extends TimedStep ? Omit<Step, 'at'> : never

/**
 * A fault without its time: that is when the point is reached.
 * @category Faults
 */
export type ArmedFault = WithoutTime<PlainFault>

/**
 * A fault waits until code says with {@link World.reach} that it is at a named point (in the middle of a write, say, or just elected), and is carried out once. How long it
 * waits at most is `forMs`; default: until something disarms it.
 * @category Faults
 */
export interface ArmStep extends TimedStep {
  /** What happens. */
  readonly do: 'arm'
  /** The point's name. */
  readonly point: string
  /** Whose code has to get there; a role is looked up each time that the point is reached. Default: anyone's. */
  readonly node?: NodeId
  /** How often the point is reached before it counts, 0 to 10^9. Default 0: the first time does. */
  readonly skip?: number
  /** How long after the point, in simulated milliseconds, 0 to 10^9. Default 0: as the very next event. */
  readonly delayMs?: number
  /** What happens then. `@here` stands for the node that reached the point. */
  readonly then: ArmedFault
}

/**
 * One fault, or the end of one, as plain JSON.
 *
 * A step that makes no sense when its time comes (crash of a node that is down) does nothing, so any part of a schedule is a schedule.
 * @category Faults
 */
export type FaultStep = PlainFault | ArmStep

/**
 * What a {@link FaultStep} does.
 * @category Faults
 */
export type FaultKind = FaultStep['do']
