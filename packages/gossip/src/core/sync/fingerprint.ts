/** What is hashed apart: who is present at which incarnation, and what they and the shared values say. */
export type Lane = 'members' | 'contents'

/** Buckets of the finest level: 2^8. */
export const FINEST_LEVEL = 8
const BUCKETS = 2 ** FINEST_LEVEL

/**
 * A hash of everything that a node knows of the present, kept up with every change: each item (a member at an incarnation, a state at a version, a shared value at a
 * stamp) is hashed, and the hashes are joined by exclusive or, so that an item is taken out as it was put in and no order matters. Two nodes that know the same have the same fingerprint;
 * those that do not have the same one with probability 2^-32 in each lane.
 *
 * Beside the whole it keeps a hash for each of 256 buckets, by the place of the item's name: nodes that differ compare buckets, and then only what is in
 * the unequal ones. Coarser levels are joined from the finest one.
 *
 * What is gone (failed, left, deleted) is no part of it: every node forgets the gone on its own clock.
 */
export class Fingerprint {
  readonly #members = new Int32Array(BUCKETS)
  readonly #contents = new Int32Array(BUCKETS)
  #membersWhole = 0
  #contentsWhole = 0
  #membersChanges = 0
  #contentsChanges = 0

  /** Of who is present: 32 bits. */
  get members(): number {
    return this.#membersWhole >>> 0
  }

  /** Of what they say: 32 bits. */
  get contents(): number {
    return this.#contentsWhole >>> 0
  }

  /** How often a lane has changed. */
  changes(lane: Lane): number {
    return lane === 'members' ? this.#membersChanges : this.#contentsChanges
  }

  /** Puts an item in, or takes it out: `place` is of its name, `hash` of all that matters of it. */
  toggle(lane: Lane, place: number, hash: number): void {
    const bucket = place >>> (32 - FINEST_LEVEL)
    if (lane === 'members') {
      this.#members[bucket] = (this.#members[bucket] ?? 0) ^ hash
      this.#membersWhole ^= hash
      this.#membersChanges++
    } else {
      this.#contents[bucket] = (this.#contents[bucket] ?? 0) ^ hash
      this.#contentsWhole ^= hash
      this.#contentsChanges++
    }
  }

  /** The hash of a bucket at a level of 2^level buckets: of both lanes together, or of members alone. */
  bucket(level: number, index: number, membersOnly: boolean): number {
    const width = 2 ** (FINEST_LEVEL - level)
    let members = 0
    let contents = 0
    for (let at = index * width; at < (index + 1) * width; at++) {
      members ^= this.#members[at] ?? 0
      contents ^= this.#contents[at] ?? 0
    }
    // One lane is rotated: an item that is the same in both would otherwise vanish.
    return (membersOnly ? members : members ^ ((contents << 16) | (contents >>> 16))) >>> 0
  }
}

/** In which bucket of a level a place is. */
export function bucketOf(place: number, level: number): number {
  return level === 0 ? 0 : place >>> (32 - level)
}
