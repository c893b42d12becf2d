import type { Component, CoreContext } from '../component.ts'
import type { Member } from '../members/member.ts'

/** Members that come back within so much time of each other come back together. */
const QUIET_MS = 3000
/** A merge that takes longer is told in parts. */
const LONGEST_MS = 10_000

/**
 * Notices that two parts of the cluster have found each other: counts the members that were held for failed and are back in the life they had. Who was restarted is
 * not counted: that is a new member, not a mended link.
 */
export class Healing implements Component {
  readonly #context: CoreContext
  #count = 0
  #firstAt = 0
  #deadline = Number.POSITIVE_INFINITY

  constructor(context: CoreContext) {
    this.#context = context
  }

  get deadline(): number {
    return this.#deadline
  }

  /** The table changed. */
  memberChanged(before: Member | undefined, after: Member | undefined): void {
    if (before?.status !== 'failed' || (after?.status !== 'alive' && after?.status !== 'suspect')) return
    if (before.incarnation.epoch !== after.incarnation.epoch) return
    const { now } = this.#context
    if (this.#count === 0) this.#firstAt = now
    this.#count++
    this.#deadline = Math.min(now + QUIET_MS, this.#firstAt + LONGEST_MS)
  }

  tick(): void {
    this.#context.emit({ type: 'healed', members: this.#count })
    this.#count = 0
    this.#deadline = Number.POSITIVE_INFINITY
  }
}
