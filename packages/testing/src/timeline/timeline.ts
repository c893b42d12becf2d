import type { NodeId } from '@colony/host'
import type { FaultStep } from '../faults/fault-step.ts'
import type { NodeState } from '../world/simulated-node.ts'

/**
 * One thing that happened in a simulated world, for pictures. `at` is in simulated milliseconds. Frames carry a number, so that what became of each can be
 * told: `deliver` and `lose` repeat the number of their `send`, and a second `deliver` of one number is a copy.
 * @category Pictures
 */
export type TimelineEvent =
  | {
      readonly kind: 'send'
      readonly at: number
      readonly frame: number
      readonly from: NodeId
      readonly to: NodeId
      readonly channel: string
      readonly bytes: number
      /** What the frame says, where the suite can tell. */
      readonly label?: string
    }
  | { readonly kind: 'deliver'; readonly at: number; readonly frame: number }
  | {
      readonly kind: 'lose'
      readonly at: number
      readonly frame: number
      readonly reason: 'lost' | 'cut' | 'down' | 'unheard'
    }
  | { readonly kind: 'state'; readonly at: number; readonly node: NodeId; readonly state: NodeState }
  | { readonly kind: 'fault'; readonly at: number; readonly step: FaultStep }
  | {
      readonly kind: 'role'
      readonly at: number
      readonly node: NodeId
      /** What the node is now: `leader`, `holder`, … The empty text: nothing special. */
      readonly role: string
      readonly term?: number
    }
  | { readonly kind: 'note'; readonly at: number; readonly node?: NodeId; readonly text: string }

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
