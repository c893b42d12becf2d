/// <reference lib="esnext.disposable" preserve="true" />
import type { DeadlockStep } from '../errors.ts'
import type { Command } from './command.ts'
import { type Answered, type Group, propose } from './group.ts'
import type { EndedBy } from './replicated-table.ts'
import type { LeasedRequest } from './session-record.ts'

/** A session is shown to be alive at this share of its lease, and after an attempt that failed at a tenth. */
const RENEW_AT = 1 / 3
const RETRY_AT = 1 / 10
/** What clocks may run apart during a lease, as in every backend. */
const DRIFT_RATE = 0.01
const MARGIN_MS = 2

/** A request as its session sees it. */
export interface SessionMember {
  /** Whether it is at an end with its session: it waits, or lasts as long as that. */
  readonly needsSession: boolean
  /** It waited, and is a lock now. */
  granted(token: number): void
  /** It is not in the table any more. */
  ended(by: EndedBy, cycle: readonly DeadlockStep[]): void
  /** The session is over, or may be. */
  sessionLost(): void
  /** A snapshot has taken the place of the table: this is what is there of it now, after the entry of this index. */
  restored(found: LeasedRequest | undefined, index: number): void
}

/**
 * A session of this process: numbers its requests, shows that it lives while somebody needs it, and ends requests whose end went unanswered.
 */
export class ClientSession {
  readonly id: number
  readonly #group: Group
  readonly #onIdle: (session: ClientSession) => void
  /** Waiting, held, or asked for. */
  readonly members: Map<number, SessionMember> = new Map()
  /** Asked for and not answered, in the order of their numbers. */
  readonly #unanswered = new Set<number>()
  /** To be ended, since nobody knows whether they were. */
  readonly #orphans = new Set<number>()
  #last = 0
  /** When the last sign of life was sent that arrived, at the earliest. */
  #renewedAt: number
  #timer: Disposable | undefined
  #over = false

  constructor(id: number, openedAt: number, group: Group, onIdle: (session: ClientSession) => void) {
    this.id = id
    this.#renewedAt = openedAt
    this.#group = group
    this.#onIdle = onIdle
  }

  /** Whether the group may not have ended it yet. */
  get isAlive(): boolean {
    return !this.#over && this.#group.clock.now() < this.#endsAt
  }

  /** The end of the session's lease as this process has to see it. */
  get #endsAt(): number {
    return this.#renewedAt + this.#group.sessionTtlMs * (1 - DRIFT_RATE) - MARGIN_MS
  }

  /** No request that is asked for has a lower number. */
  get oldest(): number {
    for (const number of this.#unanswered) return number
    return this.#last + 1
  }

  /** A number for a new request. */
  add(member: SessionMember): number {
    const number = ++this.#last
    this.members.set(number, member)
    this.#unanswered.add(number)
    return number
  }

  /** The request was answered: it is in the table now, or not. */
  answered(number: number): void {
    this.#unanswered.delete(number)
    this.#keepAlive()
  }

  /** A request is over, as far as this process is concerned. */
  remove(number: number): void {
    this.members.delete(number)
    this.#unanswered.delete(number)
    if (this.members.size === 0 && this.#orphans.size === 0) this.#onIdle(this)
  }

  /** Whatever the request is, it is to end: also when nobody answers. */
  giveBack(number: number): void {
    this.remove(number)
    this.end(number).catch(() => {
      // It is ended with the next sign of life.
    })
  }

  /** Ends a request: whether it was a lock. Rejects when that is not known; then it is tried again later. */
  async end(number: number): Promise<boolean> {
    try {
      const { answer } = await this.propose({ op: 'end', session: this.id, number })
      return answer.is === 'done'
    } catch (error) {
      this.#orphans.add(number)
      this.#keepAlive()
      throw error
    }
  }

  /** Proposes a command of this session: when it is answered, the session was alive. */
  async propose(command: Command, timeoutMs?: number): Promise<Answered> {
    const sentAt = this.#group.clock.now()
    const answered = await propose(this.#group, command, timeoutMs)
    // Of a session that is over, locks with leases of their own are extended and ended: that does not bring it back.
    if (answered.answer.is !== 'gone' && !this.#over) this.#renewedAt = Math.max(this.#renewedAt, sentAt)
    return answered
  }

  /** The group has ended the session, or knows nothing of it. */
  lose(): void {
    if (this.#over) return
    this.#over = true
    this.#orphans.clear()
    this.#timer?.[Symbol.dispose]()
    for (const member of [...this.members.values()]) member.sessionLost()
    if (this.members.size === 0) this.#onIdle(this)
  }

  /** Nobody needs it any more. */
  async leave(): Promise<void> {
    this.#over = true
    this.#timer?.[Symbol.dispose]()
    await propose(this.#group, { op: 'leave', session: this.id })
  }

  #keepAlive(): void {
    if (this.#timer !== undefined || this.#over || !this.#isNeeded()) return
    this.#plan(this.#renewedAt + this.#group.sessionTtlMs * RENEW_AT)
  }

  #isNeeded(): boolean {
    if (this.#orphans.size > 0) return true
    for (const { needsSession } of this.members.values()) if (needsSession) return true
    return false
  }

  /** Never later than the end of the lease: whoever needs the session is told by then. */
  #plan(at: number): void {
    const { clock } = this.#group
    const delayMs = Math.min(at, this.#endsAt) - clock.now()
    this.#timer = clock.after(Math.max(0, delayMs), () => {
      this.#timer = undefined
      if (this.#over || !this.#isNeeded()) return
      if (this.isAlive) void this.#renew()
      else this.lose()
    })
  }

  async #renew(): Promise<void> {
    const { clock, sessionTtlMs } = this.#group
    const ended = [...this.#orphans]
    // While it is under way, the end of the lease is watched; an answer sets the time for the next.
    this.#plan(clock.now() + sessionTtlMs)
    let next: number
    try {
      const { answer } = await this.propose({ op: 'renew', session: this.id, ended }, sessionTtlMs * RENEW_AT)
      if (answer.is === 'gone') return this.lose()
      for (const number of ended) this.#orphans.delete(number)
      next = this.#renewedAt + sessionTtlMs * RENEW_AT
    } catch {
      // No leader, most likely: there is time for more attempts.
      next = clock.now() + sessionTtlMs * RETRY_AT
    }
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
    if (!this.#over && this.#isNeeded()) this.#plan(next)
    else if (this.members.size === 0) this.#onIdle(this)
  }
}
