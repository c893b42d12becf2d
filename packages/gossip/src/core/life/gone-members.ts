import { type Address, type NodeId, type Random } from '@colony/host'
import type { Component, CoreContext } from '../component.ts'
import type { Member } from '../members/member.ts'
import type { MemberRegister } from '../members/membership-parts.ts'
import { type MemberUpdate, writeUpdate } from '../wire/member-update.ts'
import { SCRATCH } from '../wire/scratch.ts'
import { TAGS } from '../wire/tags.ts'
import { backoffMs } from './backoff.ts'

/** Attempts to reach failed members, of one node: at most two a second, however many have failed. */
const ATTEMPT_SPACING_MS = 500
/** A gone member that is heard of again and again is told so at most this often. */
const TELL_SPACING_MS = 1000

interface Gone {
  readonly id: NodeId
  readonly since: number
  /** Attempts to reach it since then. */
  attempts: number
  /** When it is tried next; never for who left. */
  nextAt: number
  /** When it was last told how it stands here. */
  toldAt: number
}

/** What gone members are kept with. */
export interface GoneParts {
  readonly register: MemberRegister
  /** Sends one section to whoever is at an address. */
  contact(at: Address, tag: number, body: Uint8Array): void
  /** Asks one to come back, at the address that it had. */
  recall(accusation: MemberUpdate): void
}

/**
 * Members that failed or left. The failed ones are tried for as long as they are remembered, so that two parts of a cluster that lost each other, for whatever time, find each other again within
 * `maxReconnectIntervalMs` of a link between them (the first complaint about memberlist, which forgets them after 30 seconds). All are forgotten
 * after `reapAfterMs`.
 */
export class GoneMembers implements Component {
  readonly #context: CoreContext
  readonly #parts: GoneParts
  readonly #random: Random
  readonly #gone = new Map<NodeId, Gone>()
  /** The latest attempt of all. */
  #attemptedAt = Number.NEGATIVE_INFINITY
  #deadline = Number.POSITIVE_INFINITY
  /** Who failed within the time in which gossip goes to them too; rebuilt when it may have changed. */
  #recent: NodeId[] = []
  #recentUntil = Number.NEGATIVE_INFINITY

  constructor(context: CoreContext, parts: GoneParts) {
    this.#context = context
    this.#parts = parts
    this.#random = context.random.fork('gone-members')
  }

  get deadline(): number {
    return this.#deadline
  }

  /** How many are remembered. */
  get size(): number {
    return this.#gone.size
  }

  /** The table changed. */
  memberChanged(before: Member | undefined, after: Member | undefined): void {
    const id = (after ?? before)?.id
    if (id === undefined || id === this.#context.self) return
    if (after?.status === 'failed' || after?.status === 'left') this.#add(after, before)
    else if (this.#gone.delete(id)) this.#recentUntil = Number.NEGATIVE_INFINITY
  }

  /** A packet came. When it is from somebody who is gone as far as this node knows, that one is told, so that it can refute it, or learns that it was removed. */
  heard(from: NodeId): void {
    if (this.#gone.size === 0) return
    const gone = this.#gone.get(from)
    if (gone === undefined || this.#context.now - gone.toldAt < TELL_SPACING_MS) return
    const record = this.#parts.register.record(from)
    // Who said goodbye itself knows that it has left.
    if (record === undefined || record.accuser === from) return
    gone.toldAt = this.#context.now
    writeUpdate(SCRATCH, record, this.#context.self)
    this.#context.send(from, TAGS.updates, SCRATCH.finish())
  }

  /** Another member sees somebody present who is held for failed here: it is told at the address that it had, so that it refutes. */
  contradicted(id: NodeId): void {
    const { now, self } = this.#context
    const gone = this.#gone.get(id)
    if (gone === undefined || now - gone.toldAt < TELL_SPACING_MS) return
    const record = this.#parts.register.record(id)
    if (record?.status !== 'failed' || record.address === '') return
    gone.toldAt = now
    writeUpdate(SCRATCH, record, self)
    this.#parts.contact(record.address, TAGS.updates, SCRATCH.finish())
  }

  /** Members that failed within the last `syncIntervalMs`: most of those who were declared failed by mistake are among them. */
  recentlyFailed(): readonly NodeId[] {
    const { now, timing } = this.#context
    if (this.#gone.size === 0) return (this.#recent = [])
    if (now < this.#recentUntil) return this.#recent
    this.#recent = []
    this.#recentUntil = Number.POSITIVE_INFINITY
    for (const { id, since, nextAt } of this.#gone.values()) {
      const until = since + timing.syncIntervalMs
      if (nextAt === Number.POSITIVE_INFINITY || until <= now) continue
      this.#recent.push(id)
      this.#recentUntil = Math.min(this.#recentUntil, until)
    }
    return this.#recent
  }

  tick(): void {
    this.#reap()
    const due = this.#longestDue()
    if (due) this.#attempt(due)
    this.#deadline = this.#nextDeadline()
  }

  #add(member: Member, before: Member | undefined): void {
    const { now, timing } = this.#context
    const failed = member.status === 'failed'
    const nextAt = failed
      ? now + backoffMs(0, timing.reconnectIntervalMs, timing.maxReconnectIntervalMs, this.#random)
      : Infinity
    const known = this.#gone.get(member.id)
    if (known && before?.status === member.status) return
    this.#gone.set(member.id, {
      id: member.id,
      since: now,
      attempts: 0,
      nextAt,
      toldAt: Number.NEGATIVE_INFINITY,
    })
    this.#recentUntil = Number.NEGATIVE_INFINITY
    this.#deadline = Math.min(
      this.#deadline,
      Math.max(nextAt, this.#attemptedAt + ATTEMPT_SPACING_MS),
      now + timing.reapAfterMs,
    )
  }

  #reap(): void {
    const { now, timing } = this.#context
    for (const { id, since } of this.#gone.values()) {
      if (now < since + timing.reapAfterMs) continue
      this.#gone.delete(id)
      this.#parts.register.forget(id)
    }
  }

  /** Whose turn was first, of those whose turn it is: in a large part that was lost everybody is tried in turn. */
  #longestDue(): Gone | undefined {
    const { now } = this.#context
    if (now < this.#attemptedAt + ATTEMPT_SPACING_MS) return undefined
    let first: Gone | undefined
    for (const gone of this.#gone.values()) {
      if (gone.nextAt <= now && (first === undefined || gone.nextAt < first.nextAt)) first = gone
    }
    return first
  }

  #attempt(gone: Gone): void {
    const { now, timing } = this.#context
    const record = this.#parts.register.record(gone.id)
    this.#attemptedAt = now
    gone.attempts++
    gone.nextAt =
      now + backoffMs(gone.attempts, timing.reconnectIntervalMs, timing.maxReconnectIntervalMs, this.#random)
    if (record && record.address !== '') this.#parts.recall(record)
  }

  #nextDeadline(): number {
    const { timing } = this.#context
    let next = Number.POSITIVE_INFINITY
    for (const { since, nextAt } of this.#gone.values()) {
      next = Math.min(
        next,
        Math.max(nextAt, this.#attemptedAt + ATTEMPT_SPACING_MS),
        since + timing.reapAfterMs,
      )
    }
    return next
  }
}
