import type { Address, NodeId } from '@colony/host'
import type { CoreContext } from '../component.ts'
import type { MemberUpdate } from '../wire/member-update.ts'
import type { Conflicts } from './conflicts.ts'
import { compareIncarnations, type Incarnation, nextIncarnation } from './incarnation.ts'
import type { MemberRow } from './member-table.ts'
import type { Verdict } from './member.ts'
import type { OwnChange } from './membership-parts.ts'
import { isAccused } from './precedence.ts'

/** A process that began so recently may hear what was said of its past. */
const YOUNG_MS = 60_000

/** What {@link OwnWord} needs of the table and of others. */
export interface OwnWordParts {
  /** What this node says of itself now. */
  own(): MemberRow
  write(row: MemberRow, path: Verdict['path']): void
  record(): MemberUpdate
  /** Tells one member what this node says of itself. */
  tell(to: NodeId, update: MemberUpdate): void
  /** This node had to refute a complaint about its present life. */
  refuted(): void
  readonly conflicts: Conflicts
}

/** What others say of this node, and what it answers. Nobody else ever raises its incarnation. */
export class OwnWord {
  readonly #context: Pick<CoreContext, 'self' | 'now'>
  readonly #parts: OwnWordParts
  readonly #startedAt: number
  #contradicted = false

  constructor(context: Pick<CoreContext, 'self' | 'now'>, parts: OwnWordParts) {
    this.#context = context
    this.#startedAt = context.now
    this.#parts = parts
  }

  /** Takes in news of this node itself. */
  hear(update: MemberUpdate, path: Verdict['path'], from: NodeId): void {
    const own = this.#parts.own()
    if (own.status === 'left') return
    if (update.status === 'left' && update.incarnation.epoch === own.incarnation.epoch) {
      this.#parts.write(
        { ...own, status: 'left', incarnation: update.incarnation, accuser: update.accuser },
        path,
      )
      return
    }
    const newer = compareIncarnations(update.incarnation, own.incarnation)
    if (newer < 0) return
    if (isAccused(update, own.incarnation)) {
      if (update.incarnation.epoch === own.incarnation.epoch) this.#parts.refuted()
      this.#refute(update.incarnation, from)
      return
    }
    this.#hearClaim(update, own, newer, from)
  }

  /** Says something new of this node. */
  speak(change: OwnChange): void {
    const own = this.#parts.own()
    const status = change.status ?? own.status
    const address = change.address ?? own.address
    this.#parts.write({ ...own, status, address, incarnation: nextIncarnation(own.incarnation) }, 'self')
  }

  /**
   * Goes on above what others hold. A later life than this one was another process of this node, before its epoch went back: to share its epoch would be to be taken for it, with its goodbye and
   * its state.
   */
  #refute(accused: Incarnation, from: NodeId): void {
    const own = this.#parts.own()
    const isAnother = accused.epoch > own.incarnation.epoch
    const incarnation = isAnother ? { epoch: accused.epoch + 1, counter: 0 } : nextIncarnation(accused)
    this.#parts.write({ ...own, incarnation }, 'self')
    this.#parts.tell(from, this.#parts.record())
  }

  /**
   * Somebody says in this node's name what it has not said. At its own address that is its past (its epoch went back): it goes on above.
   *
   * Elsewhere it may be the past too, of a process that has just begun: it contradicts, once. Otherwise another process claims this id. A later life has the right to it, so this one is silent; of two
   * with the same life the greater address has it, for both have to come to the same result.
   */
  #hearClaim(update: MemberUpdate, own: MemberRow, newer: number, from: NodeId): void {
    const elsewhere = isElsewhere(update.address, own.address)
    if (newer === 0 && !elsewhere && update.status === 'alive') return
    const later = update.incarnation.epoch > own.incarnation.epoch
    if (!elsewhere || (later && this.#mayBePast())) {
      if (elsewhere) this.#contradicted = true
      this.#refute(update.incarnation, from)
      return
    }
    this.#parts.conflicts.found(this.#context.self, own.address, update.address)
    if (!later && own.address > update.address) this.#refute(update.incarnation, from)
  }

  #mayBePast(): boolean {
    return !this.#contradicted && this.#context.now - this.#startedAt < YOUNG_MS
  }
}

function isElsewhere(claimed: Address, own: Address): boolean {
  return claimed !== '' && claimed !== own
}
