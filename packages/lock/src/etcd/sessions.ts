import { LockError } from '../errors.ts'
import { withDeadline } from './deadline.ts'
import { Session, type SessionOptions } from './session.ts'

/** etcd knows no shorter leases with its defaults: one and a half of its elections. */
const SHORTEST_LEASE_SECONDS = 2
/** How much longer than a lock its lease lasts: for that time it may be shared without a word to etcd. */
const LEASE_FACTOR = 1.5

/** The leases of one backend: one for each length. */
export class Sessions {
  readonly #options: SessionOptions
  readonly #live = new Map<number, Session>()
  /** Also those that nobody new may use. */
  readonly #all = new Set<Session>()
  readonly #opening = new Map<number, Promise<Session>>()
  #isClosed = false

  constructor(options: SessionOptions) {
    this.#options = options
  }

  /** One whose lease lasts for `ttlMs` from now. */
  async covering(ttlMs: number): Promise<Session> {
    const seconds = leaseSeconds(ttlMs)
    const known = this.#live.get(seconds)
    if (known !== undefined && known.isLive && (await known.cover(ttlMs))) return known
    if (this.#isClosed) throw new LockError('LOCK_CLOSED', 'this backend was closed: no more locks are given')
    let opening = this.#opening.get(seconds)
    if (opening === undefined) {
      opening = this.#open(seconds).finally(() => this.#opening.delete(seconds))
      this.#opening.set(seconds, opening)
    }
    return await opening
  }

  /** The one that has to delete this key, and has no answer to that yet. */
  owing(key: string): Session | undefined {
    for (const session of this.#all) if (session.owes(key)) return session
    return undefined
  }

  /** Ends all of them, each with its last lock. */
  close(): void {
    this.#isClosed = true
    for (const session of this.#live.values()) session.retire()
  }

  async #open(seconds: number): Promise<Session> {
    const { client, clock, timeoutMs } = this.#options
    for (const session of this.#live.values()) if (session.isStale) session.lost()
    const sentAt = clock.now()
    const lease = await withDeadline(clock, timeoutMs, (signal) => client.grantLease(seconds, signal))
    const session = new Session(this.#options, lease, sentAt, (ended) => this.#forget(seconds, ended))
    this.#live.set(seconds, session)
    this.#all.add(session)
    return session
  }

  #forget(seconds: number, session: Session): void {
    this.#all.delete(session)
    if (this.#live.get(seconds) === session) this.#live.delete(seconds)
  }
}

/** Leases are in whole seconds. */
export function leaseSeconds(ttlMs: number): number {
  return Math.max(SHORTEST_LEASE_SECONDS, Math.ceil((ttlMs * LEASE_FACTOR) / 1000))
}
