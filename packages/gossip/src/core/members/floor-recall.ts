import type { Address, NodeId } from '@colony/host'
import type { CoreContext } from '../component.ts'
import { type MemberUpdate, writeUpdate } from '../wire/member-update.ts'
import { SCRATCH } from '../wire/scratch.ts'
import { TAGS } from '../wire/tags.ts'
import type { Incarnation } from './incarnation.ts'

/** One that is heard of again and again is told at most this often. */
const TELL_SPACING_MS = 1000
/** Members of whom it is remembered when they were told. */
const MAX_TOLD = 256

/**
 * Members that were forgotten here and live: two nodes that did not reach each other for longer than they remember anybody, while others reached both. Nothing up to the floor is believed of
 * them, so they are told that they are over, and say something newer; else they would not know each other before the floor is forgotten too.
 */
export class FloorRecall {
  readonly #context: Pick<CoreContext, 'self' | 'now'>
  readonly #contact: (at: Address, tag: number, body: Uint8Array) => void
  /** In the order of their times. */
  readonly #toldAt = new Map<NodeId, number>()

  constructor(
    context: Pick<CoreContext, 'self' | 'now'>,
    contact: (at: Address, tag: number, body: Uint8Array) => void,
  ) {
    this.#context = context
    this.#contact = contact
  }

  /** Somebody sees a member that is over here, up to `floor`. */
  contradicted(update: MemberUpdate, floor: Incarnation): void {
    const { now, self } = this.#context
    if (update.address === '' || update.status === 'failed' || update.status === 'left') return
    if (now - (this.#toldAt.get(update.id) ?? Number.NEGATIVE_INFINITY) < TELL_SPACING_MS) return
    this.#toldAt.delete(update.id)
    this.#toldAt.set(update.id, now)
    if (this.#toldAt.size > MAX_TOLD) this.#forgetOldest()
    writeUpdate(SCRATCH, { ...update, incarnation: floor, status: 'failed', accuser: self }, self)
    this.#contact(update.address, TAGS.updates, SCRATCH.finish())
  }

  #forgetOldest(): void {
    for (const id of this.#toldAt.keys()) {
      this.#toldAt.delete(id)
      return
    }
  }
}
