import type { MemberRecord } from '../core/member-table.ts'
import type { LamportClock } from './lamport.ts'
import type { SerfCoreEvent, SerfMember, SerfStatus } from './serf-event.ts'
import type { JoinIntent, LeaveIntent } from './serf-messages.ts'
import { decodeTags, type SerfTags } from './tags.ts'

/** What Serf knows of a member, longer than the protocol below remembers it. */
interface KnownMember {
  readonly id: string
  address: string
  tags: SerfTags
  status: SerfStatus
  suspect: boolean
  /** When its latest intent was said. */
  statusTime: number
  /** When it failed or left. */
  goneAt: number
  /** An operator wants it forgotten as soon as it has left. */
  prune: boolean
}

/** An intent of somebody who is not known yet. */
interface EarlyIntent {
  readonly type: 'join' | 'leave'
  readonly time: number
  readonly heardAt: number
}

/** Most intents that are kept of members who are not known, and for how long. */
const MAX_EARLY = 4096
const EARLY_MS = 300_000

/** What the members are made with. */
export interface SerfMembersOptions {
  readonly self: string
  readonly clock: LamportClock
  readonly maxMembers: number
  /** How long members that failed or left are remembered. */
  readonly reapAfterMs: number
  readonly emit: (event: SerfCoreEvent) => void
  /** Somebody says that this node leaves, which it does not: it has to say so. */
  readonly refute: () => void
}

/**
 * Members as Serf sees them: what the protocol below finds out, together with what members say that they mean to do. Who said goodbye and goes has
 * left; who goes without has failed.
 */
export class SerfMembers {
  readonly #options: SerfMembersOptions
  readonly #members = new Map<string, KnownMember>()
  readonly #early = new Map<string, EarlyIntent>()
  /** Whether this node has said goodbye itself. */
  leaving = false

  constructor(options: SerfMembersOptions) {
    this.#options = options
  }

  /** Everybody who is known, this node included. */
  *all(): Iterable<SerfMember> {
    for (const member of this.#members.values()) yield snapshot(member)
  }

  /** The member of that name. */
  get(id: string): SerfMember | undefined {
    const member = this.#members.get(id)
    return member && snapshot(member)
  }

  /** When each member's latest intent was said, for a push/pull. */
  statusTimes(): Map<string, number> {
    return new Map([...this.#members].map(([id, { statusTime }]) => [id, statusTime]))
  }

  /** Who has left, for a push/pull. */
  left(): string[] {
    return [...this.#members.values()].filter(({ status }) => status === 'left').map(({ id }) => id)
  }

  /** The protocol found somebody who was not known, or was gone. */
  joined(record: MemberRecord): void {
    const { maxMembers } = this.#options
    let member = this.#members.get(record.name)
    if (member === undefined) {
      if (this.#members.size >= maxMembers) this.#forgetOldest()
      member = this.#first(record)
      this.#members.set(member.id, member)
    } else {
      member.status = 'alive'
      member.prune = false
      this.#refresh(member, record)
    }
    member.suspect = false
    this.#tell('join', member)
  }

  /** The protocol found other meta data. */
  updated(record: MemberRecord): void {
    const member = this.#members.get(record.name)
    if (member === undefined) return
    this.#refresh(member, record)
    this.#tell('update', member)
  }

  /** Somebody got no answer of a member, or it answered again. */
  doubted(record: MemberRecord, from: string | undefined): void {
    const member = this.#members.get(record.name)
    if (member === undefined) return
    member.suspect = from !== undefined
    if (from === undefined) this.#tell('recover', member)
    else this.#options.emit({ type: 'suspect', member: snapshot(member), from })
  }

  /** The protocol says that a member is dead, or gone. */
  gone(record: MemberRecord, now: number): void {
    const member = this.#members.get(record.name)
    if (member === undefined || (member.status !== 'alive' && member.status !== 'leaving')) return
    member.suspect = false
    member.goneAt = now
    member.status = member.status === 'leaving' ? 'left' : 'failed'
    this.#tell(member.status === 'left' ? 'leave' : 'failed', member)
    if (member.prune) this.#forget(member)
  }

  /** A member means to leave, or an operator calls one that failed gone. Whether that is news. */
  leaveIntent({ time, node, prune }: Pick<LeaveIntent, 'time' | 'node' | 'prune'>, now: number): boolean {
    const { clock, self, refute } = this.#options
    clock.witness(time)
    const member = this.#members.get(node)
    if (member === undefined) return this.#keepEarly('leave', time, node, now)
    if (time <= member.statusTime) return false
    if (node === self && !this.leaving) {
      refute()
      return false
    }
    member.statusTime = time
    member.prune ||= prune
    if (member.status === 'alive') {
      member.status = 'leaving'
    } else if (member.status === 'failed') {
      member.status = 'left'
      member.goneAt = now
      this.#tell('leave', member)
    }
    if (member.prune && member.status === 'left') this.#forget(member)
    return true
  }

  /** A member means to be there. Whether that is news. */
  joinIntent({ time, node }: Pick<JoinIntent, 'time' | 'node'>, now: number): boolean {
    this.#options.clock.witness(time)
    const member = this.#members.get(node)
    if (member === undefined) return this.#keepEarly('join', time, node, now)
    if (time <= member.statusTime) return false
    member.statusTime = time
    if (member.status === 'leaving') member.status = 'alive'
    return true
  }

  /** Forgets those that have been gone for long. */
  reap(now: number): void {
    for (const member of this.#members.values()) {
      const isGone = member.status === 'left' || member.status === 'failed'
      if (isGone && now - member.goneAt > this.#options.reapAfterMs) this.#forget(member)
    }
    for (const [node, { heardAt }] of this.#early) if (now - heardAt > EARLY_MS) this.#early.delete(node)
  }

  #first(record: MemberRecord): KnownMember {
    const early = this.#early.get(record.name)
    this.#early.delete(record.name)
    return {
      id: record.name,
      address: record.endpoint,
      tags: decodeTags(record.meta),
      status: early?.type === 'leave' ? 'leaving' : 'alive',
      suspect: false,
      statusTime: early?.time ?? 0,
      goneAt: 0,
      prune: false,
    }
  }

  #refresh(member: KnownMember, record: MemberRecord): void {
    member.address = record.endpoint
    member.tags = decodeTags(record.meta)
  }

  #keepEarly(type: EarlyIntent['type'], time: number, node: string, now: number): boolean {
    const known = this.#early.get(node)
    if (known !== undefined && time <= known.time) return false
    if (known === undefined && this.#early.size >= MAX_EARLY) return false
    this.#early.set(node, { type, time, heardAt: now })
    return true
  }

  /** Makes room: whoever has been gone longest is remembered least. */
  #forgetOldest(): void {
    let oldest: KnownMember | undefined
    for (const member of this.#members.values()) {
      if (member.status !== 'left' && member.status !== 'failed') continue
      if (oldest === undefined || member.goneAt < oldest.goneAt) oldest = member
    }
    if (oldest !== undefined) this.#forget(oldest)
  }

  #forget(member: KnownMember): void {
    this.#members.delete(member.id)
    this.#tell('reap', member)
  }

  #tell(type: 'join' | 'update' | 'leave' | 'failed' | 'reap' | 'recover', member: KnownMember): void {
    this.#options.emit({ type, member: snapshot(member) })
  }
}

function snapshot({ id, address, status, suspect, tags }: KnownMember): SerfMember {
  return { id, address, status, suspect, tags }
}
