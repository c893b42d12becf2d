import type { Member, MemberEvent } from './events.ts'

/** How many members that are gone are remembered, so that late news of them is known for what it is; those gone longest are forgotten first. */
const MOST_GONE = 65_536

/** One member and what the tracker keeps with it. */
export interface TableEntry<Meta, Kept> {
  readonly member: Member<Meta>
  readonly present: boolean
  kept: Kept | undefined
}

/** Who is there, by the rules of {@link MemberEvent}. Iterates in the order of the latest change. */
export class MemberTable<Meta, Kept> {
  readonly #present = new Map<string, TableEntry<Meta, Kept>>()
  readonly #gone = new Map<string, TableEntry<Meta, Kept>>()

  /** Everybody who is there. */
  present(): Iterable<TableEntry<Meta, Kept>> {
    return this.#present.values()
  }

  /** The member's entry, if it is there. */
  get(id: string): TableEntry<Meta, Kept> | undefined {
    return this.#present.get(id)
  }

  /** Takes in one event. Whether somebody came, went or has other data. */
  apply({ type, id, incarnation, meta }: MemberEvent<Meta>): boolean {
    const known = this.#present.get(id) ?? this.#gone.get(id)
    const leaves = type === 'failed' || type === 'left'
    if (known === undefined) {
      this.#set({ member: { id, incarnation, meta }, present: !leaves, kept: undefined })
      return true
    }
    const { member } = known
    const ordered = incarnation !== undefined && member.incarnation !== undefined
    if (ordered && incarnation < member.incarnation) return false
    // Whoever is gone comes back by a newer incarnation; where there are none, by the word that he is alive.
    const back = ordered ? incarnation > member.incarnation : type === 'alive'
    const present = !leaves && (known.present || back)
    if (!leaves && !present) return false
    const next = { id, incarnation: incarnation ?? member.incarnation, meta: meta ?? member.meta }
    const changed = present !== known.present || (present && next.meta !== member.meta)
    this.#set({ member: next, present, kept: known.kept }, changed)
    return changed
  }

  #set(entry: TableEntry<Meta, Kept>, changed = true): void {
    const { id } = entry.member
    const [here, there] = entry.present ? [this.#present, this.#gone] : [this.#gone, this.#present]
    there.delete(id)
    if (changed) here.delete(id)
    here.set(id, entry)
    if (this.#gone.size <= MOST_GONE) return
    for (const oldest of this.#gone.keys()) {
      this.#gone.delete(oldest)
      break
    }
  }
}
