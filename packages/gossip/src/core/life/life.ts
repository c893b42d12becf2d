import type { Address, NodeId } from '@colony/host'
import type { Component, CoreContext, Section } from '../component.ts'
import type { Seed } from '../input.ts'
import { MAX_COUNTER } from '../members/incarnation.ts'
import type { Member } from '../members/member.ts'
import type { MemberRegister } from '../members/membership-parts.ts'
import { GoneMembers } from './gone-members.ts'
import { Healing } from './healing.ts'
import { Joining } from './joining.ts'
import { Leaving } from './leaving.ts'
import { Settling } from './settling.ts'

/** What comings and goings need of the rest of the core. */
export interface LifeParts {
  readonly register: MemberRegister
  /** Begins to compare all that is known with a member. */
  syncWith(peer: NodeId): void
  /** Sends one section to whoever is at an address. */
  contact(at: Address, tag: number, body: Uint8Array): void
  /** What the cap on bandwidth leaves for what can be shorter. */
  spareBytes(): number
}

/** Comings and goings: joining, leaving, removing, reconnecting, forgetting. What is put together here is said in the parts. */
export class Life implements Component {
  /** Plug these in. */
  readonly sections: readonly Section[]
  readonly gone: GoneMembers
  readonly #context: CoreContext
  readonly #register: MemberRegister
  readonly #joining: Joining
  readonly #leaving: Leaving
  readonly #healing: Healing
  readonly #settling: Settling
  #alone = true
  #toldAt = Number.POSITIVE_INFINITY

  constructor(context: CoreContext, parts: LifeParts) {
    this.#context = context
    this.#register = parts.register
    this.#joining = new Joining(context, parts)
    this.#leaving = new Leaving(context, parts.register)
    this.#healing = new Healing(context)
    this.#settling = new Settling(context, parts.syncWith)
    this.gone = new GoneMembers(context, {
      register: parts.register,
      contact: parts.contact,
      recall: (accusation) => this.#joining.recall(accusation),
    })
    this.sections = [
      this.#joining.join,
      this.#joining.welcome,
      this.#leaving.leaveSection,
      this.#leaving.ackSection,
    ]
  }

  get deadline(): number {
    if (this.#leaving.stage !== 'present') return this.#leaving.deadline
    return Math.min(
      this.#toldAt,
      this.#joining.deadline,
      this.#settling.deadline,
      this.#healing.deadline,
      this.gone.deadline,
    )
  }

  /** Whether this node is here, saying goodbye, or gone: then it answers probes and nothing else. */
  get stage(): 'present' | 'leaving' | 'left' {
    return this.#leaving.stage
  }

  tick(): void {
    const { now, members } = this.#context
    if (this.#leaving.stage !== 'present') {
      this.#leaving.tick()
      return
    }
    for (const part of [this.#joining, this.#settling, this.#healing, this.gone]) {
      if (part.deadline <= now) part.tick()
    }
    if (this.#toldAt <= now) {
      this.#toldAt = Number.POSITIVE_INFINITY
      if (members.size > 1) this.#context.emit({ type: 'joined', peers: members.size - 1 })
    }
  }

  /** Where others may be found, in place of what was said before. */
  setSeeds(seeds: readonly Seed[]): void {
    this.#joining.setSeeds(seeds)
  }

  /** A packet came. */
  heard(from: NodeId): void {
    if (this.#leaving.stage === 'present') this.gone.heard(from)
  }

  /** The table changed; called after the change. */
  memberChanged(before: Member | undefined, after: Member | undefined): void {
    if (after?.id === this.#context.self) {
      if (after.status === 'left' && this.#leaving.stage === 'present') this.#leaving.removed()
      return
    }
    this.gone.memberChanged(before, after)
    this.#healing.memberChanged(before, after)
    if (after?.status !== 'alive' && after?.status !== 'suspect') this.#joining.recheck()
    const alone = this.#context.members.size < 2
    // Told by the next tick, when all that came in the same packet was taken in.
    if (this.#alone && !alone) {
      this.#toldAt = this.#context.now
      this.#settling.begin()
    }
    this.#alone = alone
  }

  /** This node can be reached elsewhere from now on. */
  move(address: Address): void {
    if (this.#leaving.stage === 'present') this.#register.speakAnew({ address })
  }

  /** Says goodbye. */
  leave(acknowledgements: number, timeoutMs: number): void {
    this.#leaving.leave(acknowledgements, timeoutMs)
  }

  /**
   * Declares a member gone, as if it had said goodbye. All learn it as news; if it lives it learns it too, as soon as it says anything, and comes back only by a new
   * life. It is declared gone at the last incarnation that this life can have: there its floor will be when it is forgotten, so that no later word of this life, which some
   * know and who removes it does not, brings it back.
   */
  remove(id: NodeId): void {
    const { self } = this.#context
    const record = this.#register.record(id)
    if (record === undefined || id === self) return
    const incarnation = { epoch: record.incarnation.epoch, counter: MAX_COUNTER }
    this.#register.apply({ ...record, incarnation, status: 'left', accuser: self }, 'operator', self)
    this.gone.heard(id)
  }
}
