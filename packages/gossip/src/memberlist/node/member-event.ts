import type { SerfTags } from '../serf/tags.ts'

/**
 * News of a member in the words that placement understands: what `trackMembers` of `@colony/ring` takes as an event. Incarnations are not told: peers forget
 * members after half a minute, and those may begin to count anew. Events count in the order in which they come.
 * @category Interop
 */
export interface SerfMemberEvent {
  /** What is said. */
  readonly type: 'alive' | 'suspect' | 'updated' | 'failed' | 'left'
  /** Of whom. */
  readonly id: string
  /** Where it listens, and its tags. */
  readonly meta: SerfMemberMeta
}

/**
 * Data of a member.
 * @category Interop
 */
export interface SerfMemberMeta {
  /** Where it listens, as `ip:port`. */
  readonly address: string
  /** What it says of itself. */
  readonly tags: SerfTags
}
