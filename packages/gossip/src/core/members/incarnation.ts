/**
 * Which life of a member, and which word of it about itself, a piece of news is about: 64 bits, `epoch` before `counter`. Greater is newer.
 *
 * A member takes a new epoch at every start, so a restart beats whatever was said of its past, and raises the counter to refute what is said of
 * its present. Nothing that is known at a greater incarnation ever comes back at a smaller one (SWIM, section 4.2, where a 32-bit counter that
 * starts at 0 again loses both).
 * @category Members
 */
export interface Incarnation {
  /** When this life began: milliseconds since 2025-01-01, or one more than the previous one where that is greater. 0 to 2^40 - 1. */
  readonly epoch: number
  /** How often the member spoke anew in this life. 0 to 2^24 - 1. */
  readonly counter: number
}

/** The largest epoch: in the year 2059. */
export const MAX_EPOCH: number = 2 ** 40 - 1
/** The largest counter; a member that needs more goes on in the next epoch. */
export const MAX_COUNTER: number = 2 ** 24 - 1

/** Below zero when `one` is older than `other`, above when it is newer, zero when they are the same. */
export function compareIncarnations(one: Incarnation, other: Incarnation): number {
  return one.epoch - other.epoch || one.counter - other.counter
}

/** The next word in the same life; in the next one when all words of this life were used. */
export function nextIncarnation({ epoch, counter }: Incarnation): Incarnation {
  return counter < MAX_COUNTER ? { epoch, counter: counter + 1 } : { epoch: epoch + 1, counter: 0 }
}

/** As one whole number of 64 bits, for whoever compares or stores it: `epoch * 2^24 + counter`. */
export function packIncarnation({ epoch, counter }: Incarnation): bigint {
  return BigInt(epoch) * 0x100_0000n + BigInt(counter)
}
