import type { NodeId } from '@colony/host'
import type { FaultStep } from '../faults/fault-step.ts'
import type { NodeState } from '../world/simulated-node.ts'

/**
 * What all events of a timeline have.
 * @category Pictures
 */
export interface TimelineInstant {
  /** When, in simulated milliseconds. */
  readonly at: number
}

/**
 * A frame was sent.
 * @category Pictures
 */
export interface SendEvent extends TimelineInstant {
  /** What happened. */
  readonly kind: 'send'
  /** A number of the frame's own, so that what became of it can be told. */
  readonly frame: number
  /** The sender. */
  readonly from: NodeId
  /** The receiver. */
  readonly to: NodeId
  /** The transport's channel. */
  readonly channel: string
  /** How long it is. */
  readonly bytes: number
  /** What the frame says, where the suite can tell. */
  readonly label?: string
}

/**
 * A frame arrived; a second time, when a copy of it did.
 * @category Pictures
 */
export interface DeliverEvent extends TimelineInstant {
  /** What happened. */
  readonly kind: 'deliver'
  /** The number of its {@link SendEvent}. */
  readonly frame: number
}

/**
 * A frame did not arrive.
 * @category Pictures
 */
export interface LoseEvent extends TimelineInstant {
  /** What happened. */
  readonly kind: 'lose'
  /** The number of its {@link SendEvent}. */
  readonly frame: number
  /** Why: by chance, because the link was cut, because the receiver was down, or because nobody listened on the channel. */
  readonly reason: 'lost' | 'cut' | 'down' | 'unheard'
}

/**
 * A node went down, was paused, or runs.
 * @category Pictures
 */
export interface StateEvent extends TimelineInstant {
  /** What happened. */
  readonly kind: 'state'
  /** Which node. */
  readonly node: NodeId
  /** What it is from now on. */
  readonly state: NodeState
}

/**
 * A fault step was carried out.
 * @category Pictures
 */
export interface FaultEvent extends TimelineInstant {
  /** What happened. */
  readonly kind: 'fault'
  /** The step, with nodes in place of roles. */
  readonly step: FaultStep
}

/**
 * A node became something, or nothing, special; see {@link World.role}.
 * @category Pictures
 */
export interface RoleEvent extends TimelineInstant {
  /** What happened. */
  readonly kind: 'role'
  /** Which node. */
  readonly node: NodeId
  /** What it is now: `leader`, `holder`, … The empty text: nothing special. */
  readonly role: string
  /** Its term, epoch or fencing token, where it has one. */
  readonly term?: number
}

/**
 * Somebody left a note; see {@link World.note}.
 * @category Pictures
 */
export interface NoteEvent extends TimelineInstant {
  /** What happened. */
  readonly kind: 'note'
  /** Whom it is about, where it is about one. */
  readonly node?: NodeId
  /** The note. */
  readonly text: string
}

/**
 * One thing that happened in a simulated world, for pictures.
 * @category Pictures
 */
export type TimelineEvent =
  SendEvent | DeliverEvent | LoseEvent | StateEvent | FaultEvent | RoleEvent | NoteEvent

/**
 * What a picture is drawn from.
 * @category Pictures
 */
export interface Timeline {
  /** Lanes, from the top. */
  readonly nodes: readonly NodeId[]
  /** In the order in which they happened. */
  readonly events: readonly TimelineEvent[]
  /** Until when, in simulated milliseconds. */
  readonly endMs: number
  /** How many earlier events were forgotten because only the last ones are kept. */
  readonly forgotten: number
}
