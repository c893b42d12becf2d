import type { NodeId } from '@colony/host'
import type { CoreInput, CoreOutputs } from '../core/input.ts'
import type { Member, Verdict } from '../core/members/member.ts'

/** What a driver and what stands on it need of a core. */
export interface DrivenCore {
  /** Takes the core one step. The outputs and their lists are used again at the next one. */
  step(now: number, input: CoreInput): CoreOutputs
  /** Who is known. */
  readonly members: {
    /** How many members are alive or suspect, this node included. */
    readonly size: number
    /** One of them, this node included. */
    get(id: NodeId): Member | undefined
    /** Everybody who is known: failed and left members, and this node, too. */
    all(): Iterable<Member>
  }
  /** What is remembered of how a member came to stand as it does, oldest first. */
  explain(id: NodeId): readonly Verdict[]
  /** This node's own health. */
  readonly health: { readonly score: number; readonly reasons: readonly string[] }
  /** What was ignored, by reason. */
  readonly drops: Readonly<Record<string, number>>
  /** The live entries of a member's state. */
  state(id: NodeId): Iterable<readonly [key: string, value: Uint8Array]>
  /** A shared value. */
  sharedValue(key: string): { readonly value: Uint8Array; readonly by: NodeId } | undefined
}
