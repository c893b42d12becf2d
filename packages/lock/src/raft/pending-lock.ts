/// <reference lib="esnext.disposable" preserve="true" />
import type { Grant, GrantRequest, NotGranted } from '../backend.ts'
import type { DeadlockStep } from '../errors.ts'
import type { ClientSession, SessionMember } from './client-session.ts'
import { type Answer, type AskCommand, writeClaim, type WrittenOwner } from './command.ts'
import { type Group, mayTryAgain } from './group.ts'
import type { EndedBy } from './replicated-table.ts'
import type { LeasedRequest } from './session-record.ts'

/** A lock whose request was made longer ago than this share of its lease is extended before it is given to anybody: nobody knows when its lease began. */
const FRESH = 1 / 10
/** Pauses after attempts that failed have full jitter, up to this bound in milliseconds. */
const PAUSE_MS = 100

/** What a request needs of its backend. */
export interface Asker extends Group {
  /** A session that lives. */
  session(): Promise<ClientSession>
  /** How the owner is written. */
  ownerOf(request: GrantRequest, session: ClientSession): WrittenOwner | undefined
  /** The age that the group gave the owner. */
  noteAge(request: GrantRequest, since: number): void
}

/**
 * A request, and the lock that comes of it. It asks until it is answered, under one number, so that it is one request however often it arrives; then waits for the table of
 * this node to say that it was granted.
 */
export class PendingLock implements Grant, SessionMember {
  readonly #asker: Asker
  readonly #request: GrantRequest
  readonly #resolve: (answer: Grant | NotGranted) => void
  readonly #reject: (reason: unknown) => void
  session: ClientSession | undefined
  number = 0
  startedAt = 0
  token = 0
  knownAt = 0
  /** 0: it lasts as long as its session. */
  ttlMs: number
  /** `asking`: unanswered. `beginning`: granted, and its lease is being made sure of. */
  #state: 'asking' | 'waiting' | 'beginning' | 'held' | 'over' = 'asking'
  /** Why the last attempt failed; nothing once there is an answer. */
  #trouble: unknown
  #timeLimit: Disposable | undefined
  #pause: Disposable | undefined

  constructor(
    asker: Asker,
    request: GrantRequest,
    resolve: (answer: Grant | NotGranted) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#asker = asker
    this.#request = request
    this.#resolve = resolve
    this.#reject = reject
    this.ttlMs = writtenTtl(request.ttlMs)
  }

  get needsSession(): boolean {
    return this.#state !== 'over' && (this.#state !== 'held' || this.ttlMs === 0)
  }

  get isHeld(): boolean {
    return this.#state === 'held'
  }

  start(): void {
    const { waitMs, signal } = this.#request
    if (signal?.aborted === true) return this.#reject(signal.reason)
    signal?.addEventListener('abort', this.#onAbort, { once: true })
    // Who does not want to wait waits for an answer all the same, but not for ever.
    const limitMs = waitMs > 0 ? waitMs : this.#asker.timeoutMs
    if (limitMs !== Number.POSITIVE_INFINITY) {
      this.#timeLimit = this.#asker.clock.after(limitMs, () => this.#onTimeOver())
    }
    void this.#ask()
  }

  granted(token: number): void {
    if (this.#state !== 'asking' && this.#state !== 'waiting') return
    this.session?.answered(this.number)
    void this.#begin(token)
  }

  ended(by: EndedBy, cycle: readonly DeadlockStep[]): void {
    if (this.#state === 'held') {
      this.over()
      const because = by === 'expiry' ? 'expired' : by === 'deadlock' ? 'wounded' : 'backend'
      return this.#request.lost(because, cycle.length > 0 ? cycle : undefined)
    }
    if (by === 'deadlock') this.#finish({ refused: 'deadlock', cycle })
    else this.#askAnew()
  }

  sessionLost(): void {
    if (!this.needsSession) return
    if (this.#state !== 'held') return this.#askAnew()
    this.over()
    this.#request.lost('backend')
  }

  restored(found: LeasedRequest | undefined, index: number): void {
    // What this process was answered may be newer than the snapshot.
    if (index < this.knownAt) return
    if (found?.state === 'held') return this.granted(found.token)
    if (found !== undefined) return
    if (this.#state === 'waiting') return this.#askAnew()
    if (this.#state !== 'held') return
    this.over()
    this.#request.lost('stolen')
  }

  /** Nothing that happens to it concerns anybody any more. */
  over(): void {
    this.#state = 'over'
    this.session?.remove(this.number)
  }

  async #ask(): Promise<void> {
    try {
      const session = await this.#asker.session()
      if (this.#state !== 'asking') return
      this.session = session
      this.number = session.add(this)
      // However many attempts it takes: one of them may have been granted long before it is answered.
      this.startedAt = this.#asker.clock.now()
      await this.#askAs(session, this.number)
    } catch (error) {
      if (this.#state === 'asking') this.#onTrouble(error, () => void this.#ask())
    }
  }

  async #askAs(session: ClientSession, number: number): Promise<void> {
    const isCurrent = (): boolean =>
      this.#state === 'asking' && this.session === session && this.number === number
    if (!isCurrent()) return
    try {
      const { answer, index } = await session.propose(this.#command(session, number))
      if (!isCurrent()) return
      this.knownAt = index
      this.#trouble = undefined
      this.#onAnswer(answer, session)
    } catch (error) {
      if (isCurrent()) this.#onTrouble(error, () => void this.#askAs(session, number))
    }
  }

  #command(session: ClientSession, number: number): AskCommand {
    const { claims, waitMs, victim, waitDie } = this.#request
    const owner = this.#asker.ownerOf(this.#request, session)
    return {
      ...{ op: 'ask', session: session.id, number, oldest: session.oldest },
      ...{ claims: claims.map(writeClaim), ttlMs: this.ttlMs, wait: waitMs > 0 },
      ...(owner !== undefined && { owner }),
      ...(victim !== undefined && { victim }),
      ...(waitDie && { waitDie }),
    }
  }

  #onAnswer(answer: Answer, session: ClientSession): void {
    if ('since' in answer && answer.since !== undefined) this.#asker.noteAge(this.#request, answer.since)
    switch (answer.is) {
      case 'held':
        session.answered(this.number)
        return void this.#begin(answer.token)
      case 'waiting':
        this.#state = 'waiting'
        return session.answered(this.number)
      case 'gone':
        // Either the session is over, which concerns all of it, or this request was ended before it arrived.
        session.lose()
        return
      case 'busy':
        return this.#finish({ refused: 'busy' })
      case 'deadlock':
        return this.#finish({ refused: 'deadlock', cycle: answer.cycle })
      case 'reentrant':
      case 'mismatch':
        return this.#finish({ refused: answer.is, key: answer.key })
      default:
        this.#fail(new Error(`the lock table answered '${answer.is}': is it of another version?`))
    }
  }

  /** Granted. Its lease began some time after `startedAt`: where that is long ago, an extension tells better. */
  async #begin(token: number): Promise<void> {
    this.#state = 'beginning'
    this.token = token
    const { session, number } = this
    const isCurrent = (): boolean =>
      this.#state === 'beginning' && this.session === session && this.number === number
    try {
      if (this.ttlMs > 0 && this.#asker.clock.now() - this.startedAt > this.ttlMs * FRESH) {
        const startedAt = await this.extend(this.ttlMs)
        if (!isCurrent()) return
        if (startedAt === undefined) return this.#askAnew()
        this.startedAt = startedAt
      }
    } catch (error) {
      if (isCurrent()) this.#onTrouble(error, () => void this.#begin(token))
      return
    }
    if (this.ttlMs === 0 && session?.isAlive !== true) return this.#askAnew()
    this.#end()
    this.#state = 'held'
    this.#resolve(this)
  }

  /** When the attempt began; `undefined` when the lock is gone. */
  async extend(ttlMs: number): Promise<number | undefined> {
    const { session, number } = this
    if (session === undefined || this.#state === 'over') return undefined
    const startedAt = this.#asker.clock.now()
    // An attempt that takes longer than this leaves no time for another one.
    const limitMs = ttlMs > 0 ? ttlMs / 3 : undefined
    const { answer } = await session.propose({ op: 'extend', session: session.id, number, ttlMs }, limitMs)
    if (answer.is !== 'done') return undefined
    this.ttlMs = ttlMs
    return startedAt
  }

  /** It has lost its place, or its lease before anybody knew that it had one: from the beginning, while there is time. */
  #askAnew(): void {
    if (this.#state === 'over' || this.#state === 'held') return
    const { session } = this
    this.#state = 'asking'
    this.session = undefined
    this.#pause?.[Symbol.dispose]()
    session?.giveBack(this.number)
    void this.#ask()
  }

  #onTrouble(error: unknown, again: () => void): void {
    this.#trouble = error
    if (mayTryAgain(error)) this.#pauseBefore(again)
    else this.#fail(error)
  }

  #pauseBefore(next: () => void): void {
    const { clock, random } = this.#asker
    this.#pause = clock.after(random.float() * PAUSE_MS, next)
  }

  #onTimeOver(): void {
    if (this.#trouble !== undefined) this.#fail(this.#trouble)
    else this.#finish({ refused: 'busy' })
  }

  readonly #onAbort = (): void => this.#fail(this.#request.signal?.reason)

  #finish(answer: NotGranted): void {
    this.#leave()
    this.#resolve(answer)
  }

  #fail(reason: unknown): void {
    this.#leave()
    this.#reject(reason)
  }

  /** Without a lock: whatever the group has of this request is ended, now or when it arrives. */
  #leave(): void {
    this.#end()
    this.#state = 'over'
    this.session?.giveBack(this.number)
  }

  #end(): void {
    this.#pause?.[Symbol.dispose]()
    this.#timeLimit?.[Symbol.dispose]()
    this.#request.signal?.removeEventListener('abort', this.#onAbort)
  }
}

/** How a time to hold is written: 0 for as long as the session. */
export function writtenTtl(ttlMs: number): number {
  return ttlMs === Number.POSITIVE_INFINITY ? 0 : ttlMs
}
