import type { NodeId, Random } from '@colony/host'
import type { MembersView } from '../component.ts'
import type { Member } from './member.ts'
import type { MemberTable } from './member-table.ts'
import type { Rotation } from './rotation.ts'

/** Random draws for each member that is wanted, before all are looked at in turn. */
const DRAWS_EACH = 4

/** Prefers some members over others when several are drawn. */
export interface PickPreference {
  /** The members to draw from first; `undefined` where all are alike. */
  pick(count: number, except: ((id: NodeId) => boolean) | undefined): NodeId[] | undefined
}

/**
 * Who is known to a core.
 * @category Core
 */
export interface CoreMembers extends MembersView {
  /** How many members are known, whatever their status. */
  readonly known: number
  /** Every member that is known, whatever its status, this node included, in a stable order. */
  all(): IterableIterator<Member>
}

/** Membership as the other parts see it. */
export class KnownMembers implements CoreMembers {
  readonly #table: MemberTable
  readonly #rotation: Rotation
  readonly #random: Random
  /** May be set once, when the parts are put together. */
  preference: PickPreference | undefined

  constructor(table: MemberTable, rotation: Rotation, random: Random) {
    this.#table = table
    this.#rotation = rotation
    this.#random = random
  }

  get size(): number {
    return this.#rotation.size + 1
  }

  /** How many members are known, whatever their status. */
  get known(): number {
    return this.#table.size
  }

  isPresent(id: NodeId): boolean {
    const index = this.#table.indexOf(id)
    return index >= 0 && this.#table.isPresentAt(index)
  }

  get(id: NodeId): Member | undefined {
    const index = this.#table.indexOf(id)
    return index < 0 ? undefined : this.#table.memberAt(index)
  }

  pick(count: number, except?: (id: NodeId) => boolean): NodeId[] {
    return this.preference?.pick(count, except) ?? this.pickUniformly(count, except)
  }

  /** Up to `count` different present members, never this node, each with equal probability. */
  pickUniformly(count: number, except?: (id: NodeId) => boolean): NodeId[] {
    const picked: NodeId[] = []
    const most = Math.min(count, this.#rotation.size)
    for (let draw = 0; draw < DRAWS_EACH * count && picked.length < most; draw++) {
      this.#take(this.#random.integer(0, this.#rotation.size - 1), picked, except)
    }
    if (picked.length < most) this.#pickFromRest(most, picked, except)
    return picked
  }

  *present(): IterableIterator<NodeId> {
    for (const index of this.#table.indexes()) {
      if (this.#rotation.has(index)) yield this.#table.idAt(index)
    }
  }

  /** Every member that is known, whatever its status, this node included, in a stable order. */
  *all(): IterableIterator<Member> {
    for (const index of this.#table.indexes()) yield this.#table.memberAt(index)
  }

  #take(place: number, picked: NodeId[], except: ((id: NodeId) => boolean) | undefined): void {
    const id = this.#table.idAt(this.#rotation.at(place))
    if (!picked.includes(id) && except?.(id) !== true) picked.push(id)
  }

  /** Few are left to choose from: all of them, in random order, until there are enough. */
  #pickFromRest(most: number, picked: NodeId[], except: ((id: NodeId) => boolean) | undefined): void {
    const candidates: NodeId[] = []
    for (let place = 0; place < this.#rotation.size; place++) {
      const id = this.#table.idAt(this.#rotation.at(place))
      if (!picked.includes(id) && except?.(id) !== true) candidates.push(id)
    }
    while (picked.length < most && candidates.length > 0) {
      const drawn = this.#random.integer(0, candidates.length - 1)
      picked.push(candidates[drawn] as NodeId)
      candidates[drawn] = candidates[candidates.length - 1] as NodeId
      candidates.pop()
    }
  }
}
