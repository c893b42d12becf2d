import type { SerfTags } from './tags.ts'

/**
 * How a member stands, in Serf's words: `leaving` has said that it will go and is still there.
 * @category Members
 */
export type SerfStatus = 'alive' | 'leaving' | 'left' | 'failed'

/**
 * A member as it is known here: an immutable snapshot.
 * @category Members
 */
export interface SerfMember {
  /** Its name, unique in the cluster. */
  readonly id: string
  /** Where it listens, as `ip:port`. */
  readonly address: string
  /** How it stands. */
  readonly status: SerfStatus
  /** Whether somebody got no answer of it lately. It is a member all the same. */
  readonly suspect: boolean
  /** What it says of itself. */
  readonly tags: SerfTags
}

/** What a Serf core tells the outside, in order. */
export type SerfCoreEvent =
  | {
      readonly type: 'join' | 'update' | 'leave' | 'failed' | 'reap' | 'recover'
      readonly member: SerfMember
    }
  | { readonly type: 'suspect'; readonly member: SerfMember; readonly from: string }
  | { readonly type: 'conflict'; readonly member: SerfMember; readonly address: string }
  | {
      readonly type: 'event'
      readonly name: string
      readonly payload: Uint8Array
      readonly coalesce: boolean
      readonly time: number
    }
  | {
      readonly type: 'query'
      readonly question: number
      readonly name: string
      readonly payload: Uint8Array
      readonly from: string
    }
  | {
      readonly type: 'answer'
      readonly question: number
      readonly from: string
      readonly payload: Uint8Array
    }
  | { readonly type: 'answered'; readonly question: number }
  | { readonly type: 'keys'; readonly change: 'install' | 'use' | 'remove' }
