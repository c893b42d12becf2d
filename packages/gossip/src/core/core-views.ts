import type { NodeId } from '@colony/host'

/**
 * How well a node trusts itself to judge others (Lifeguard's local health).
 * @category Core
 */
export interface CoreHealth {
  /** 0 is well, 8 is worst: its intervals and timeouts are so many times longer, plus one. */
  readonly score: number
  /** What made it worse since it was 0, in words. */
  readonly reasons: readonly string[]
}

/**
 * A value that anybody may write, as it is known here.
 * @category Core
 */
export interface SharedValue {
  /** What was written. */
  readonly value: Uint8Array
  /** By whom. */
  readonly by: NodeId
}

/**
 * Hashes of what a core knows: nodes that know the same have the same.
 * @category Core
 */
export interface CoreFingerprint {
  /** 32 bits of who is present, at which incarnation. */
  readonly members: number
  /** 32 bits of what they say. */
  readonly contents: number
}
