import type { NodeId } from '@colony/host'
import type { CoreContext } from '../component.ts'
import type { MemberUpdate } from '../wire/member-update.ts'
import type { Member, Verdict } from './member.ts'
import type { MemberRow, MemberTable } from './member-table.ts'
import type { MembershipParts } from './membership-parts.ts'
import type { ReapFloor } from './reap-floor.ts'
import type { Rotation } from './rotation.ts'
import type { VerdictLog } from './verdict-log.ts'
import { verdictText } from './verdict-text.ts'

/**
 * Is told of every change of a row, also of those that a later one in the same step overwrites.
 * @category Core
 */
export type TransitionWatch = (
  id: NodeId,
  before: Member | undefined,
  after: Member | undefined,
  why: Verdict | undefined,
) => void

/** What {@link Transitions} keeps in step with each other. */
export interface TransitionParts {
  readonly table: MemberTable
  readonly rotation: Rotation
  readonly floor: ReapFloor
  readonly verdicts: VerdictLog
  readonly watch: TransitionWatch | undefined
}

/** The one place where the table is written: whatever follows from a change of a member follows from here. */
export class Transitions {
  readonly #context: Pick<CoreContext, 'self' | 'now' | 'emit'>
  readonly #parts: TransitionParts
  /** Members that were gone before anybody here heard of that life: its end is told to nobody. */
  readonly #untold = new Set<NodeId>()
  #others: MembershipParts | undefined

  constructor(context: Pick<CoreContext, 'self' | 'now' | 'emit'>, parts: TransitionParts) {
    this.#context = context
    this.#parts = parts
  }

  /** Says who else has to know; before the first change. */
  connect(others: MembershipParts): void {
    this.#others = others
  }

  /** Adds a member; its news is spread when it is there. */
  enter(id: NodeId, row: MemberRow, path: Verdict['path']): void {
    const { table, floor } = this.#parts
    const index = table.add(id, row)
    floor.delete(id)
    this.#follow(index, undefined, path)
  }

  /** Replaces what is known of a member. */
  change(index: number, row: MemberRow, path: Verdict['path']): void {
    const before = this.#parts.table.memberAt(index)
    this.#parts.table.write(index, row)
    this.#follow(index, before, path)
  }

  /** Takes a member out of the table that is not present any more. */
  forget(index: number): void {
    const { table, floor, verdicts } = this.#parts
    const before = table.memberAt(index)
    table.remove(index)
    verdicts.delete(before.id)
    this.#untold.delete(before.id)
    floor.raise(before.id, before.incarnation, this.#context.now)
    this.#connected.news.forget(before.id)
    this.#tell(before, undefined, undefined)
    this.#context.emit({ type: 'forget', member: before })
  }

  get #connected(): MembershipParts {
    if (this.#others === undefined)
      throw new TypeError('the table of members was changed before it was connected')
    return this.#others
  }

  #follow(index: number, before: Member | undefined, path: Verdict['path']): void {
    const { table, rotation, verdicts } = this.#parts
    const after = table.memberAt(index)
    const { accuser } = table.rowAt(index)
    const self = after.id === this.#context.self
    const why = this.#verdict(after, accuser, path)
    if (!self && table.isPresentAt(index)) rotation.add(index)
    else rotation.delete(index)
    if (before?.status !== after.status) verdicts.add(after.id, why)
    this.#spread(before, after, accuser)
    this.#tell(before, after, why)
    if (self) this.#emitOwn(before, after, why)
    else this.#emit(before, after, why)
  }

  /** Those who come to know of a member only after its end need not spread that: whoever knew it has heard. */
  #spread(before: Member | undefined, after: Member, accuser: NodeId): void {
    const known = before !== undefined || isPresent(after)
    if (known) this.#connected.news.spread(newsOf(after, accuser))
  }

  #tell(before: Member | undefined, after: Member | undefined, why: Verdict | undefined): void {
    for (const listener of this.#connected.listeners) listener.memberChanged(before, after, why)
    this.#parts.watch?.(((after ?? before) as Member).id, before, after, why)
  }

  #verdict(member: Member, accuser: NodeId, path: Verdict['path']): Verdict {
    const { evidence } = this.#connected
    const roundTripMs = member.status === 'alive' ? undefined : evidence.roundTripMs(member.id)
    return {
      at: this.#context.now,
      status: member.status,
      incarnation: member.incarnation,
      path,
      accuser,
      confirmations: this.#confirmations(member, accuser),
      ...(roundTripMs === undefined ? {} : { roundTripMs }),
      localHealth: evidence.health.score,
      text: verdictText(member.id, member.status, path, accuser),
    }
  }

  /** Who else says that it does not answer; a goodbye needs nobody's word. The accuser may be another one by now: one that said so before it convicted. */
  #confirmations({ id, status }: Member, accuser: NodeId): readonly NodeId[] {
    if (status !== 'suspect' && status !== 'failed') return NOBODY
    const others = this.#connected.suspicions.confirmations(id)
    return others.includes(accuser) ? others.filter((other) => other !== accuser) : others
  }

  #emit(before: Member | undefined, member: Member, why: Verdict): void {
    const was = before !== undefined && isPresent(before)
    if (!isPresent(member)) {
      if (before?.status === member.status) return
      // Gone when it was first heard of, or in a later life of which nothing was heard while it lasted: nobody who joined is missing.
      if (before === undefined || before.status === 'left') this.#untold.add(member.id)
      if (this.#untold.has(member.id)) return
      this.#context.emit({ type: member.status === 'left' ? 'leave' : 'fail', member, why })
      return
    }
    this.#untold.delete(member.id)
    if (!was) this.#context.emit({ type: 'join', member, why })
    else if (before.address !== member.address || before.zone !== member.zone) {
      this.#context.emit({ type: 'move', member, previous: before })
    }
    if (member.status === 'suspect' && before?.status !== 'suspect') {
      this.#context.emit({ type: 'suspect', member, why })
    }
    if (member.status === 'alive' && before?.status === 'suspect') {
      this.#context.emit({ type: 'recover', member, why })
    }
  }

  /** Of itself a node hears only that others removed it: the rest it has said itself. */
  #emitOwn(before: Member | undefined, member: Member, why: Verdict): void {
    const removed = member.status === 'left' && before?.status !== 'left' && why.accuser !== member.id
    if (removed) this.#context.emit({ type: 'leave', member, why })
  }
}

const NOBODY: readonly NodeId[] = []

function isPresent(member: Member): boolean {
  return member.status === 'alive' || member.status === 'suspect'
}

/** A member as news: where it is, only in its own words. */
function newsOf(member: Member, accuser: NodeId): MemberUpdate {
  const { id, incarnation, status } = member
  if (status !== 'alive') return { id, incarnation, status, address: '', zone: '', accuser }
  return { id, incarnation, status, address: member.address, zone: member.zone, accuser: id }
}
