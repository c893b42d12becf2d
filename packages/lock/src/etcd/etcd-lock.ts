import type { GrantRequest } from '../backend.ts'
import type { LostBecause } from '../errors.ts'
import { Deadline, type Deadlines } from '../runtime/deadlines.ts'
import { type GrantedPlaces, giveBack, type Places } from './queue-place.ts'
import type { Session, SessionUser } from './session.ts'

/** A lock on etcd, and the time when it is given back because nobody has extended it. */
export class EtcdLock extends Deadline implements GrantedPlaces, SessionUser {
  readonly names: readonly string[]
  readonly token: number
  readonly startedAt: number
  readonly #deadlines: Deadlines
  readonly #lost: GrantRequest['lost']
  /** On one of these its places are: on the last one, or, if it is not known whether they were moved, on one before. */
  readonly #sessions: Session[] = []
  #session: Session
  #isOver = false

  constructor(places: Places, startedAt: number, request: GrantRequest, deadlines: Deadlines) {
    super()
    this.names = places.names
    this.token = places.revision
    this.startedAt = startedAt
    this.#deadlines = deadlines
    this.#lost = request.lost
    this.#session = places.session
    this.use(places.session)
    if (!this.#isOver) deadlines.add(this, startedAt, request.ttlMs)
  }

  /** On which its places are, or are to be. */
  get session(): Session {
    return this.#session
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** It was extended. */
  runUntil(startedAt: number, ttlMs: number): void {
    this.#deadlines.remove(this)
    this.#deadlines.add(this, startedAt, ttlMs)
  }

  /** Its places may be on this lease from now on. */
  use(session: Session): void {
    if (this.#sessions.includes(session)) return
    this.#session = session
    this.#sessions.push(session)
    session.attach(this)
  }

  /** Its places are on the last one of its leases. */
  settle(): void {
    for (const session of this.#sessions.splice(0, this.#sessions.length - 1)) session.detach(this)
  }

  /** Its places are gone. */
  letGo(): void {
    for (const session of this.#sessions) session.detach(this)
  }

  /** Nothing more happens to it, and nobody is told of it any more. Whether it was there until now. */
  end(): boolean {
    if (this.#isOver) return false
    this.#isOver = true
    this.#deadlines.remove(this)
    return true
  }

  abandon(): void {
    if (!this.end()) return
    for (const session of this.#sessions) giveBack({ session, names: this.names, revision: this.token })
    this.letGo()
  }

  /** Its time is over, its holder knows that already, and somebody else may wait. */
  due(): void {
    this.#lose('expired')
  }

  sessionLost(): void {
    this.#lose('backend')
  }

  #lose(because: LostBecause): void {
    if (this.#isOver) return
    this.abandon()
    this.#lost(because)
  }
}
