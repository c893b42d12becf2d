import type { Address, NodeId } from '@colony/host'
import type { CoreContext } from '../component.ts'
import type { MemberUpdate } from '../wire/member-update.ts'
import type { EchoTest } from '../wire/echo-scanner.ts'
import type { Conflicts } from './conflicts.ts'
import type { FloorRecall } from './floor-recall.ts'
import { compareIncarnations, type Incarnation, MAX_EPOCH } from './incarnation.ts'
import type { Member, Verdict } from './member.ts'
import type { MemberRow, MemberTable } from './member-table.ts'
import type { MemberRegister, MembershipParts, OwnChange } from './membership-parts.ts'
import type { OwnWord } from './own-word.ts'
import { outranks } from './precedence.ts'
import type { ReapFloor } from './reap-floor.ts'
import type { Transitions } from './transitions.ts'

/** Epochs are milliseconds; one that is 17 years ahead of this node's own is nobody's, and would leave its owner no room to refute. */
const FAR_AHEAD = 2 ** 39

/** Whom a node takes in, as its user decides. */
export interface MembershipHooks {
  /** Asked for each member that was not there, before it joins. */
  readonly admit: ((member: Member) => boolean) | undefined
  /** Asked once for each list of members that comes by a welcome or by a comparison. */
  readonly merge: ((members: readonly Member[], from: NodeId) => boolean) | undefined
}

/** What {@link Membership} is made with. */
export interface MembershipOptions extends MembershipHooks {
  readonly table: MemberTable
  readonly floor: ReapFloor
  readonly floorRecall: FloorRecall
  readonly transitions: Transitions
  readonly conflicts: Conflicts
  readonly ownWord: OwnWord
  /** Most members that are known, whatever their status. */
  readonly maxMembers: number
  /** The life that this process began with. */
  readonly epoch: number
}

/** Decides by the rules of precedence what of the news about members changes the table. */
export class Membership implements MemberRegister {
  readonly #context: CoreContext
  readonly #options: MembershipOptions
  readonly #table: MemberTable
  readonly #mostEpoch: number
  #parts: MembershipParts | undefined

  constructor(context: CoreContext, options: MembershipOptions) {
    this.#context = context
    this.#options = options
    this.#table = options.table
    this.#mostEpoch = Math.min(MAX_EPOCH - 1, options.epoch + FAR_AHEAD)
  }

  /** Says who else has to know; before the first change. */
  connect(parts: MembershipParts): void {
    this.#parts = parts
    this.#options.transitions.connect(parts)
  }

  /** Writes this node into the table, as the first one. */
  begin(self: { readonly address: Address; readonly zone: string }): void {
    const { address, zone } = self
    const incarnation = { epoch: this.#options.epoch, counter: 0 }
    const row: MemberRow = {
      incarnation,
      status: 'alive',
      address,
      zone,
      accuser: this.#context.self,
      bare: false,
    }
    this.#options.transitions.enter(this.#context.self, row, 'self')
  }

  apply(update: MemberUpdate, path: Verdict['path'], from: NodeId): void {
    if (update.incarnation.epoch > this.#mostEpoch) {
      this.#context.drop('epoch-far-ahead')
    } else if (update.id === this.#context.self) {
      this.#options.ownWord.hear(update, path, from)
    } else {
      const index = this.#table.indexOf(update.id)
      if (index < 0) this.#meet(update, path)
      else this.#learn(index, update, path)
    }
  }

  /** Whether a member's word of itself is what the table holds, so that {@link Membership.apply} would change nothing. Looks, makes nothing. */
  readonly isEcho: EchoTest = (id, epoch, counter, bytes, start, end) => {
    const index = this.#table.indexOf(id)
    if (index < 0 || id === this.#context.self) return false
    return this.#table.holds(index, epoch, counter) && this.#table.hasAddress(index, bytes, start, end)
  }

  applyAll(updates: readonly MemberUpdate[], path: Verdict['path'], from: NodeId): boolean {
    const { merge } = this.#options
    if (merge !== undefined && !merge(updates.map(memberOf), from)) {
      this.#context.drop('merge-refused')
      return false
    }
    for (const update of updates) this.apply(update, path, from)
    return true
  }

  record(id: NodeId): MemberUpdate | undefined {
    const index = this.#table.indexOf(id)
    if (index < 0) return undefined
    const { incarnation, status, address, zone, accuser } = this.#table.rowAt(index)
    return { id, incarnation, status, address, zone, accuser }
  }

  speakAnew(change: OwnChange): MemberUpdate {
    this.#options.ownWord.speak(change)
    return this.record(this.#context.self) as MemberUpdate
  }

  forget(id: NodeId): void {
    const index = this.#table.indexOf(id)
    if (index >= 0 && !this.#table.isPresentAt(index)) this.#options.transitions.forget(index)
  }

  floor(id: NodeId): Incarnation | undefined {
    return this.#options.floor.get(id, this.#context.now)
  }

  /** This node itself got no answer from a member: it suspects it, or confirms the suspicion of others. */
  accuse(id: NodeId, path: Verdict['path']): void {
    const index = this.#table.indexOf(id)
    if (index < 0 || !this.#table.isPresentAt(index)) return
    const row = this.#table.rowAt(index)
    const { self } = this.#context
    if (row.status === 'suspect') this.#confirm(id, row, self)
    else this.#options.transitions.change(index, { ...row, status: 'suspect', accuser: self }, path)
  }

  /** A suspect did not refute in time. */
  convict(id: NodeId): void {
    const index = this.#table.indexOf(id)
    if (index < 0 || this.#table.statusAt(index) !== 'suspect') return
    this.#options.transitions.change(index, { ...this.#table.rowAt(index), status: 'failed' }, 'timeout')
  }

  /** News of somebody who is not known. */
  #meet(update: MemberUpdate, path: Verdict['path']): void {
    const floor = this.floor(update.id)
    if (floor !== undefined && compareIncarnations(update.incarnation, floor) <= 0) {
      this.#context.drop('below-floor')
      this.#options.floorRecall.contradicted(update, floor)
    } else if (update.address === '' && (update.status === 'failed' || update.status === 'left')) {
      // Not worth a row, since it can't be reached; but what was said of it before must not be learned after this.
      this.#options.floor.raise(update.id, update.incarnation, this.#context.now)
    } else if (update.address === '') {
      this.#context.drop('update-of-unknown')
    } else if (this.#table.size >= this.#options.maxMembers) {
      this.#context.drop('too-many-members')
    } else if (this.#admits(update)) {
      this.#options.transitions.enter(update.id, { ...rowOf(update), bare: false }, path)
    }
  }

  /** News of somebody who is known. */
  #learn(index: number, update: MemberUpdate, path: Verdict['path']): void {
    const row = this.#table.rowAt(index)
    if (!outranks(update, row)) {
      this.#hearEqual(index, row, update, path)
      return
    }
    if (isIll(update) && !this.#believes(update)) {
      this.#context.drop('accuser-in-quarantine')
      return
    }
    if (!this.#table.isPresentAt(index) && isPresent(update) && !this.#admits(update)) return
    const told = update.address !== ''
    const place = told ? update : row
    const bare = !told && (row.bare || compareIncarnations(update.incarnation, row.incarnation) > 0)
    const { status, incarnation, accuser } = update
    const next = { status, incarnation, accuser, address: place.address, zone: place.zone, bare }
    if (row.status !== 'failed' && row.status !== 'left' && next.address !== row.address) {
      this.#options.conflicts.moved(update.id, row.address, next.address)
    }
    this.#options.transitions.change(index, next, path)
  }

  /** News that changes nobody's status may still confirm a suspicion, tell an address that was missing, or show that two claim one id. */
  #hearEqual(index: number, row: MemberRow, update: MemberUpdate, path: Verdict['path']): void {
    if (compareIncarnations(update.incarnation, row.incarnation) !== 0) return
    if (update.status === 'suspect' && row.status === 'suspect' && this.#believes(update)) {
      this.#confirm(update.id, row, update.accuser)
    }
    if (update.status !== 'alive') return
    if (row.bare) {
      const { address, zone } = update
      this.#options.transitions.change(index, { ...row, address, zone, bare: false }, path)
    } else if (update.address !== row.address) {
      this.#options.conflicts.found(update.id, row.address, update.address)
    }
  }

  #confirm(id: NodeId, row: MemberRow, accuser: NodeId): void {
    const parts = this.#parts as MembershipParts
    if (accuser === row.accuser || !parts.suspicions.confirm(id, accuser)) return
    const { incarnation, status } = row
    parts.news.spread({ id, incarnation, status, address: '', zone: '', accuser })
  }

  #believes(update: MemberUpdate): boolean {
    if (update.accuser === this.#context.self) return true
    return (this.#parts as MembershipParts).suspicions.believes(update.accuser, update.id)
  }

  #admits(update: MemberUpdate): boolean {
    const { admit } = this.#options
    if (admit === undefined || !isPresent(update) || admit(memberOf(update))) return true
    this.#context.drop('refused')
    return false
  }
}

function isPresent(update: MemberUpdate): boolean {
  return update.status === 'alive' || update.status === 'suspect'
}

function isIll(update: MemberUpdate): boolean {
  return update.status === 'suspect' || update.status === 'failed'
}

function memberOf({ id, address, incarnation, status, zone }: MemberUpdate): Member {
  return { id, address, incarnation, status, zone }
}

function rowOf({ incarnation, status, address, zone, accuser }: MemberUpdate): Omit<MemberRow, 'bare'> {
  return { incarnation, status, address, zone, accuser }
}
