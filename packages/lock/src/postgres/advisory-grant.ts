import type { Grant, GrantRequest } from '../backend.ts'
import type { Claim } from '../core/claim.ts'
import { Deadline } from '../runtime/deadlines.ts'
import type { Taken } from './advisory-attempt.ts'
import type { AdvisorySession, Holding } from './advisory-session.ts'

/** What an end of a lock that nobody has asked for leads to. */
export interface GrantListener {
  /** Its lease is over: the server does not know, and has to be told. */
  leaseOver(grant: AdvisoryGrant): void
  /** Its session is at an end, and it is free. */
  sessionOver(grant: AdvisoryGrant): void
}

/** A lock on a session. The server keeps it until the session ends; that its lease ends is this process's affair. */
export class AdvisoryGrant extends Deadline implements Grant, Holding {
  readonly startedAt: number
  readonly token: bigint
  readonly taken: Taken
  readonly request: GrantRequest
  /** The turn among those of this process. */
  readonly turn: Disposable
  readonly #listener: GrantListener
  #isHeld = true

  constructor(taken: Taken, request: GrantRequest, turn: Disposable, listener: GrantListener) {
    super()
    this.startedAt = taken.done.startedAt
    this.token = BigInt(taken.done.answer ?? 0)
    this.taken = taken
    this.request = request
    this.turn = turn
    this.#listener = listener
    taken.session.hold(this, this.claims)
  }

  get session(): AdvisorySession {
    return this.taken.session
  }

  get claims(): readonly Claim[] {
    return this.request.claims
  }

  get isHeld(): boolean {
    return this.#isHeld
  }

  /** Whether this was its end. */
  finish(): boolean {
    if (!this.#isHeld) return false
    this.#isHeld = false
    this.session.drop(this, this.claims)
    return true
  }

  due(): void {
    if (!this.finish()) return
    this.request.lost('expired')
    this.#listener.leaseOver(this)
  }

  sessionEnded(): void {
    if (!this.finish()) return
    this.#listener.sessionOver(this)
    this.request.lost('backend')
  }
}
