import type { Address, NodeId } from '@colony/host'
import type { Member, Verdict } from './members/member.ts'

/**
 * What a core tells the outside, in order. Members are snapshots; `why` is the evidence.
 * @category Core
 */
export type CoreEvent =
  /** A member that was not known, or had failed or left, is there. */
  | {
      /** Discriminant. */
      readonly type: 'join'
      /** Who, as it stands after it. */
      readonly member: Member
      /** The evidence. */
      readonly why: Verdict
    }
  /** A member is alive but does not answer somebody. */
  | {
      /** Discriminant. */
      readonly type: 'suspect'
      /** Who, as it stands after it. */
      readonly member: Member
      /** The evidence. */
      readonly why: Verdict
    }
  /** A suspect has answered. */
  | {
      /** Discriminant. */
      readonly type: 'recover'
      /** Who, as it stands after it. */
      readonly member: Member
      /** The evidence. */
      readonly why: Verdict
    }
  /** A suspicion was not refuted. */
  | {
      /** Discriminant. */
      readonly type: 'fail'
      /** Who, as it stands after it. */
      readonly member: Member
      /** The evidence. */
      readonly why: Verdict
    }
  /** A member said goodbye or was removed. */
  | {
      /** Discriminant. */
      readonly type: 'leave'
      /** Who, as it stands after it. */
      readonly member: Member
      /** The evidence. */
      readonly why: Verdict
    }
  /** A member that had failed or left is forgotten. */
  | {
      /** Discriminant. */
      readonly type: 'forget'
      /** Who, as it stands after it. */
      readonly member: Member
    }
  /** A member's address or zone changed. */
  | {
      /** Discriminant. */
      readonly type: 'move'
      /** Who, as it stands after it. */
      readonly member: Member
      /** As it was before. */
      readonly previous: Member
    }
  /** Two processes claim one id. */
  | {
      /** Discriminant. */
      readonly type: 'conflict'
      /** Which one. */
      readonly id: NodeId
      /** Where they are. */
      readonly addresses: readonly Address[]
    }
  /** A key of a member's state has a new value, or none. */
  | {
      /** Discriminant. */
      readonly type: 'state'
      /** Which one. */
      readonly id: NodeId
      /** Which one. */
      readonly key: string
      /** What it holds; `undefined`: it was deleted. */
      readonly value: Uint8Array | undefined
      /** Of the owner's state. */
      readonly version: number
    }
  /** A shared value changed. */
  | {
      /** Discriminant. */
      readonly type: 'shared'
      /** Which one. */
      readonly key: string
      /** What it holds; `undefined`: it was deleted. */
      readonly value: Uint8Array | undefined
      /** Who wrote it. */
      readonly by: NodeId
    }
  /** A message that somebody broadcast, once. */
  | {
      /** Discriminant. */
      readonly type: 'broadcast'
      /** Who sent it. */
      readonly from: NodeId
      /** What it is about. */
      readonly topic: string
      /** What it says. */
      readonly payload: Uint8Array
      /** Lamport time of the sender. */
      readonly lamport: number
    }
  /** How many members are known to have a broadcast of ours; `done` when no more are waited for. */
  | {
      /** Discriminant. */
      readonly type: 'delivered'
      /** Which one. */
      readonly id: number
      /** How many others are known to have it. */
      readonly count: number
      /** Nobody else is waited for. */
      readonly done: boolean
    }
  /** A question to answer: `core.answer(question, payload)`. */
  | {
      /** Discriminant. */
      readonly type: 'query'
      /** Who sent it. */
      readonly from: NodeId
      /** Its number. */
      readonly question: number
      /** What it is about. */
      readonly topic: string
      /** What it says. */
      readonly payload: Uint8Array
      /** Lamport time of the sender. */
      readonly lamport: number
    }
  /** An answer to a question of ours; without `from` the time for answers is over. */
  | {
      /** Discriminant. */
      readonly type: 'answer'
      /** Its number. */
      readonly question: number
      /** Who sent it. */
      readonly from?: NodeId
      /** What it says. */
      readonly payload?: Uint8Array
    }
  /** Seeds were contacted, and at least `peers` members are known; told whenever that number passes from none to some. */
  | {
      /** Discriminant. */
      readonly type: 'joined'
      /** How many others are known. */
      readonly peers: number
    }
  /** Two parts of the cluster have found each other again: this many members that were taken for failed are back. */
  | {
      /** Discriminant. */
      readonly type: 'healed'
      /** How many. */
      readonly members: number
    }
  /** This node's own health changed: 0 is well, 8 worst. */
  | {
      /** Discriminant. */
      readonly type: 'health'
      /** 0 to 8. */
      readonly score: number
      /** What made it worse, in words. */
      readonly reasons: readonly string[]
    }
  /** A packet of another cluster came; it was ignored. Told at most once a minute and address. */
  | {
      /** Discriminant. */
      readonly type: 'wrong-cluster'
      /** Who sent it. */
      readonly from: NodeId
    }
  /** This node has left: `acknowledged` members know. */
  | {
      /** Discriminant. */
      readonly type: 'left'
      /** How many others know. */
      readonly acknowledged: number
    }
