/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock } from '@colony/host'
import { withDeadline } from './deadline.ts'
import type { EtcdClient, EtcdLease } from './etcd-client.ts'

/** How a session speaks to etcd. */
export interface SessionOptions {
  readonly client: EtcdClient
  readonly clock: Clock
  readonly timeoutMs: number
}

/** Whoever has keys on a lease. */
export interface SessionUser {
  /** The lease has ended, and its keys with it. */
  sessionLost(): void
}

/** How much faster than ours the server's clock may run. */
const DRIFT_RATE = 0.01
/** A lease is let run anew so many times while it lasts. A lock takes two thirds of its lease at the most, so a new lock hardly ever has to wait for that. */
const REFRESHES = 6

/** A lease of etcd that many locks share, kept alive for as long as one of them is there. */
export class Session {
  readonly #options: SessionOptions
  readonly #lease: EtcdLease
  readonly #ended: (session: Session) => void
  readonly #users = new Set<SessionUser>()
  /** Keys that have to be deleted, and may have been. */
  readonly #debts = new Set<string>()
  #coveredUntil = 0
  #lastNumber = 0
  #refreshing: Promise<void> | undefined
  #timer: Disposable | undefined
  #state: 'live' | 'retired' | 'ended' = 'live'

  /** `sentAt` is the time before the lease was asked for. */
  constructor(options: SessionOptions, lease: EtcdLease, sentAt: number, ended: (session: Session) => void) {
    this.#options = options
    this.#lease = lease
    this.#ended = ended
    this.#cover(sentAt, lease.ttlSeconds)
  }

  get lease(): string {
    return this.#lease.id
  }

  get ttlSeconds(): number {
    return this.#lease.ttlSeconds
  }

  get isLive(): boolean {
    return this.#state === 'live'
  }

  /** Whether the lease lasts still for all we know. */
  get isCovered(): boolean {
    return this.#state !== 'ended' && this.#options.clock.now() < this.#coveredUntil
  }

  /** Whether its time is over for all we know, and nobody would miss it. */
  get isStale(): boolean {
    return this.#users.size === 0 && !this.isCovered
  }

  /** A name for places that nobody has had before: numbers of leases do not come again. */
  nextName(): string {
    this.#lastNumber += 1
    return `${BigInt(this.#lease.id).toString(16)}.${this.#lastNumber}`
  }

  /** The latest time from which on `ttlMs` are sure to be within the lease, and not after `sentAt`. */
  startOf(sentAt: number, ttlMs: number): number {
    return Math.min(sentAt, this.#coveredUntil - ttlMs)
  }

  /** Sees to it that the lease lasts for `ttlMs` from now. Whether there still is a lease. */
  async cover(ttlMs: number): Promise<boolean> {
    if (this.#state === 'ended') return false
    if (this.#options.clock.now() + ttlMs > this.#coveredUntil) await this.#refresh()
    return !this.#hasEnded()
  }

  attach(user: SessionUser): void {
    if (this.#state === 'ended') return user.sessionLost()
    this.#users.add(user)
    this.#tickLater()
  }

  detach(user: SessionUser): void {
    this.#users.delete(user)
    if (this.#state === 'retired') this.#revokeUnused()
  }

  /** Whether a key has to be deleted, and may have been. */
  owes(key: string): boolean {
    return this.#debts.has(key)
  }

  /** Deletes keys: how many were there. Keys of which that is not known are deleted again later. */
  async delete(keys: readonly string[]): Promise<number> {
    for (const key of keys) this.#debts.add(key)
    this.#tickLater()
    const success = keys.map((key) => ({ type: 'delete', key }) as const)
    const { results } = await this.#ask((client, signal) => client.txn({ compare: [], success }, signal))
    // A request that is still under way somewhere may come later and write them again: the lease is not used any more then, and they are looked for until it ends.
    if (this.#state === 'live') for (const key of keys) this.#debts.delete(key)
    return results.reduce((sum, { deleted }) => sum + deleted, 0)
  }

  /** Nobody new may use it; it ends with its last user. */
  retire(): void {
    if (this.#state !== 'live') return
    this.#state = 'retired'
    this.#revokeUnused()
  }

  /** etcd says that there is no such lease. */
  lost(): void {
    if (this.#state === 'ended') return
    this.#end()
    for (const user of this.#users) user.sessionLost()
    this.#users.clear()
  }

  #hasEnded(): boolean {
    return this.#state === 'ended'
  }

  #cover(sentAt: number, ttlSeconds: number): void {
    this.#coveredUntil = Math.max(this.#coveredUntil, sentAt + ttlSeconds * 1000 * (1 - DRIFT_RATE))
  }

  async #refresh(): Promise<void> {
    this.#refreshing ??= this.#keepAlive().finally(() => (this.#refreshing = undefined))
    await this.#refreshing
  }

  async #keepAlive(): Promise<void> {
    const sentAt = this.#options.clock.now()
    const ttlSeconds = await this.#ask((client, signal) => client.keepAlive(this.#lease.id, signal))
    if (ttlSeconds > 0) this.#cover(sentAt, ttlSeconds)
    else this.lost()
  }

  #tickLater(): void {
    if (this.#timer !== undefined || this.#state === 'ended') return
    const delayMs = (this.#lease.ttlSeconds * 1000) / REFRESHES
    this.#timer = this.#options.clock.after(delayMs, () => void this.#tick())
  }

  async #tick(): Promise<void> {
    try {
      if (this.#users.size > 0) await this.#refresh()
      if (this.#debts.size > 0 && !this.#hasEnded()) await this.delete([...this.#debts])
    } catch {
      // The next tick tries again; locks that it comes too late for end by their own deadlines.
    }
    this.#timer = undefined
    if (this.#users.size > 0 || (this.#debts.size > 0 && !this.isStale)) this.#tickLater()
  }

  #revokeUnused(): void {
    if (this.#users.size > 0 || this.#state === 'ended') return
    this.#end()
    this.#ask((client, signal) => client.revokeLease(this.#lease.id, signal)).catch(() => {
      // It ends by itself: nobody keeps it alive.
    })
  }

  #end(): void {
    this.#state = 'ended'
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
    this.#debts.clear()
    this.#ended(this)
  }

  #ask<Answer>(ask: (client: EtcdClient, signal: AbortSignal) => Promise<Answer>): Promise<Answer> {
    const { client, clock, timeoutMs } = this.#options
    return withDeadline(clock, timeoutMs, (signal) => ask(client, signal))
  }
}
