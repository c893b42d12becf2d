/** Writes kept outstanding, one run each. */
export const WRITE_LEVELS: readonly number[] = [1, 64, 256]

/** Reads kept outstanding. */
export const READ_LEVELS: readonly number[] = [1, 256]

/** Bytes of a stored value. */
export const VALUE_BYTES = 256

/** Bytes of a key; it comes on top of the value, for every system alike. */
export const KEY_BYTES = 8

/** Keys are overwritten in turn, so that the state stays small. */
export const KEYS = 10_000

/** The same bytes for everyone: no system here compresses. */
export const VALUE: Uint8Array = Uint8Array.from({ length: VALUE_BYTES }, (_, at) => (at * 167 + 13) & 0xff)

/** Key number `sequence`, wrapping round. */
export function keyOf(sequence: number): string {
  return `k${String(sequence % KEYS).padStart(KEY_BYTES - 1, '0')}`
}
