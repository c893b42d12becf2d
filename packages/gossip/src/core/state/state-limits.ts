/** Longest key of a state or a shared value, in bytes of UTF-8. */
export const MAX_KEY_BYTES = 255
/** Largest value, in bytes. What does not fit a packet travels by stream. */
export const MAX_VALUE_BYTES: number = 64 * 1024
/** Most keys that a member's state may have, deleted ones not counted, where nothing else is said. */
export const MAX_KEYS = 4096
/** Most bytes of keys and values that a member's state may have, where nothing else is said. */
export const MAX_STATE_BYTES: number = 1024 * 1024

/**
 * How much state is kept. All members should have the same limits: one that takes less than another says is left behind.
 * @category Core
 */
export interface StateLimits {
  /** Keys of one member, deleted ones not counted; as many deleted ones are remembered. 1 to 1 000 000. Default 4,096. */
  readonly keys: number
  /** Bytes of keys and values of one member. Default 1 MiB. */
  readonly bytes: number
  /** Bytes of keys and values of all members together. Default 256 MiB. */
  readonly totalBytes: number
  /** Members with a state. Default 20 000. */
  readonly owners: number
  /** Shared values, deleted ones included. Default 4096. */
  readonly sharedKeys: number
  /** Bytes of keys and values of all shared values. Default 4 MiB. */
  readonly sharedBytes: number
}

/** What holds where nothing else is said. */
export const DEFAULT_STATE_LIMITS: StateLimits = {
  keys: MAX_KEYS,
  bytes: MAX_STATE_BYTES,
  totalBytes: 256 * 1024 * 1024,
  owners: 20_000,
  sharedKeys: 4096,
  sharedBytes: 4 * 1024 * 1024,
}

/**
 * Why a value of this node's own was not taken.
 *
 * - `'invalid-key'`: empty, longer than 255 bytes, or not well-formed Unicode;
 * - `'value-too-large'`: above 64 KiB;
 * - `'too-many-keys'`, `'too-many-bytes'`: a limit of {@link StateLimits} is reached;
 * - `'invalid-ttl'`: not a positive number.
 * @category State
 */
export type StateRefusal =
  'invalid-key' | 'value-too-large' | 'too-many-keys' | 'too-many-bytes' | 'invalid-ttl'
