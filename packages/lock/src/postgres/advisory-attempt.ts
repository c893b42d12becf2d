/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock, Random } from '@colony/host'
import type { GrantRequest, NotGranted } from '../backend.ts'
import { pause } from '../runtime/pause.ts'
import type { AdvisorySession, Done } from './advisory-session.ts'
import type { Kept } from './kept.ts'
import { sqlState } from './postgres-session.ts'
import type { WaitingSessions } from './waiting-sessions.ts'

/** A lock that was taken, and on which session it is. */
export interface Taken {
  readonly session: AdvisorySession
  readonly done: Done
  /** The session is not needed for it any more. */
  readonly leave: () => void
}

/** What attempts share. */
export interface AttemptContext {
  readonly clock: Clock
  readonly random: Random
  readonly main: Kept<AdvisorySession>
  readonly waiting: WaitingSessions
}

const BUSY: NotGranted = { refused: 'busy' }
/** Pauses of one who cannot wait in the server's queue: full jitter up to this, in milliseconds. */
const LONGEST_PAUSE_MS = 100
const DEADLOCK_DETECTED = '40P01'

/**
 * One request on its way to a lock: first without waiting, on the session that never waits; then in the server's queue, on a session that does.
 */
export class AdvisoryAttempt {
  readonly #request: GrantRequest
  readonly #context: AttemptContext
  readonly #stopping = new AbortController()
  #waitsOn: AdvisorySession | undefined
  #cancelling: Promise<void> | undefined

  constructor(request: GrantRequest, context: AttemptContext) {
    this.#request = request
    this.#context = context
  }

  /** What comes of it. Once stopped, nothing: what it was given meanwhile it gives back. */
  async run(mayWait: boolean): Promise<Taken | NotGranted> {
    for (;;) {
      const answer = (await this.#try()) ?? (mayWait ? await this.#queue() : BUSY)
      if (answer !== undefined) return answer
      if (this.#isStopped) return BUSY
      await this.#pause()
    }
  }

  /** Nobody wants its lock any more. */
  stop(): void {
    this.#stopping.abort()
    if (this.#waitsOn !== undefined) this.#cancelling = this.#context.waiting.cancel(this.#waitsOn)
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted
  }

  async #try(): Promise<Taken | NotGranted | undefined> {
    const session = await this.#context.main.get()
    await session.keepFor(this.#request.ttlMs)
    if (this.#isStopped) return BUSY
    const done = await session.take(this.#request.claims)
    if (done.answer === undefined) return undefined
    if (!this.#isStopped) return { session, done, leave: stay }
    await session.give(this.#request.claims)
    return BUSY
  }

  /** Nothing: there is no session to wait on, or it was lost; to be tried again. */
  async #queue(): Promise<Taken | NotGranted | undefined> {
    const { waiting } = this.#context
    const session = await waiting.borrow().catch(() => undefined)
    if (session === undefined) return undefined
    let answer: Taken | NotGranted | undefined
    try {
      answer = await this.#waitOn(session)
    } catch (error) {
      if (sqlState(error) === DEADLOCK_DETECTED) answer = { refused: 'deadlock', cycle: [] }
    }
    if (answer === undefined || 'refused' in answer) await this.#clear(session)
    return answer
  }

  async #waitOn(session: AdvisorySession): Promise<Taken | NotGranted> {
    await session.keepFor(this.#request.ttlMs)
    // In the order of the keys: nobody who does the same closes a circle.
    for (const claim of this.#request.claims) {
      if (this.#isStopped) return BUSY
      this.#waitsOn = session
      try {
        await this.#context.waiting.watch(session, () => session.waitFor(claim))
      } finally {
        this.#waitsOn = undefined
      }
    }
    if (this.#isStopped) return BUSY
    // Its lease runs from here: the server may have granted the lock long before its answer came, and has heard of this session now.
    const done = await session.do('token')
    if (this.#isStopped) return BUSY
    return { session, done, leave: () => this.#context.waiting.giveBack(session) }
  }

  /** Whatever it took is given back, and nothing that was meant for it reaches whoever uses the session next. */
  async #clear(session: AdvisorySession): Promise<void> {
    try {
      await this.#cancelling
      await session.giveAll()
    } catch (error) {
      session.end(error)
    }
    this.#context.waiting.giveBack(session)
  }

  async #pause(): Promise<void> {
    const { clock, random } = this.#context
    await pause(clock, random.float() * LONGEST_PAUSE_MS, this.#stopping.signal)
  }
}

/** The session that never waits is everybody's. */
function stay(): void {}
