import type { Address, NodeId } from '@colony/host'
import type { Member, Verdict } from './members/member.ts'

/**
 * What a core tells the outside, in order. Members are snapshots; `why` is the evidence.
 * @category Core
 */
export type CoreEvent =
  /** A member that was not known, or had failed or left, is there. */
  | { readonly type: 'join'; readonly member: Member; readonly why: Verdict }
  /** A member is alive but does not answer somebody. */
  | { readonly type: 'suspect'; readonly member: Member; readonly why: Verdict }
  /** A suspect has answered. */
  | { readonly type: 'recover'; readonly member: Member; readonly why: Verdict }
  /** A suspicion was not refuted. */
  | { readonly type: 'fail'; readonly member: Member; readonly why: Verdict }
  /** A member said goodbye or was removed. */
  | { readonly type: 'leave'; readonly member: Member; readonly why: Verdict }
  /** A member that had failed or left is forgotten. */
  | { readonly type: 'forget'; readonly member: Member }
  /** A member's address or zone changed. */
  | { readonly type: 'move'; readonly member: Member; readonly previous: Member }
  /** Two processes claim one id. */
  | { readonly type: 'conflict'; readonly id: NodeId; readonly addresses: readonly Address[] }
  /** A key of a member's state has a new value, or none. */
  | {
      readonly type: 'state'
      readonly id: NodeId
      readonly key: string
      readonly value: Uint8Array | undefined
      readonly version: number
    }
  /** A shared value changed. */
  | {
      readonly type: 'shared'
      readonly key: string
      readonly value: Uint8Array | undefined
      readonly by: NodeId
    }
  /** A message that somebody broadcast, once. */
  | {
      readonly type: 'broadcast'
      readonly from: NodeId
      readonly topic: string
      readonly payload: Uint8Array
      readonly lamport: number
    }
  /** How many members are known to have a broadcast of ours; `done` when no more are waited for. */
  | { readonly type: 'delivered'; readonly id: number; readonly count: number; readonly done: boolean }
  /** A question to answer: `core.answer(question, payload)`. */
  | {
      readonly type: 'query'
      readonly from: NodeId
      readonly question: number
      readonly topic: string
      readonly payload: Uint8Array
      readonly lamport: number
    }
  /** An answer to a question of ours; without `from` the time for answers is over. */
  | {
      readonly type: 'answer'
      readonly question: number
      readonly from?: NodeId
      readonly payload?: Uint8Array
    }
  /** Seeds were contacted, and at least `peers` members are known; told whenever that number passes from none to some. */
  | { readonly type: 'joined'; readonly peers: number }
  /** Two parts of the cluster have found each other again: this many members that were taken for failed are back. */
  | { readonly type: 'healed'; readonly members: number }
  /** This node's own health changed: 0 is well, 8 worst. */
  | { readonly type: 'health'; readonly score: number; readonly reasons: readonly string[] }
  /** A packet of another cluster came; it was ignored. Told at most once a minute and address. */
  | { readonly type: 'wrong-cluster'; readonly from: NodeId }
  /** This node has left: `acknowledged` members know. */
  | { readonly type: 'left'; readonly acknowledged: number }
