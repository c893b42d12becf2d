import type { LogIndex } from '../core/entry.ts'
import { REMEMBERED_OVERHEAD_BYTES } from './remembered-keys.ts'

/** What became of one command of a session. */
export interface RememberedResult {
  readonly number: number
  /** Where the command was applied. */
  readonly index: LogIndex
  /** Checksum of the command. */
  readonly fingerprint: number
  /** Undefined: the result could not be encoded. */
  readonly result: Uint8Array | undefined
}

/** A session and the results that may be asked for again: replicated state, the same on every node. */
export interface RememberedSession {
  /** Index of the entry that opened it. */
  readonly id: LogIndex
  /** Log time when it was last used. */
  readonly usedAt: number
  /** Everything below was acknowledged. */
  readonly oldest: number
  /** In the order in which the commands were applied. */
  readonly results: readonly RememberedResult[]
}

interface LiveSession {
  readonly id: LogIndex
  usedAt: number
  oldest: number
  readonly results: Map<number, RememberedResult>
}

/** What is known of a command before it is applied. */
export type SessionLookup = 'expired' | 'forgotten' | 'new' | RememberedResult

/** Sessions in the order of their last use; the one unused longest goes first, whatever the reason. */
export class RememberedSessions {
  /** Whoever is used goes to the end. */
  readonly #sessions = new Map<LogIndex, LiveSession>()
  #bytes = 0

  /** How many there are. */
  get size(): number {
    return this.#sessions.size
  }

  /** Begins a session. */
  open(id: LogIndex, time: number, maxBytes: number): void {
    this.#sessions.set(id, { id, usedAt: time, oldest: 0, results: new Map() })
    this.#bytes += REMEMBERED_OVERHEAD_BYTES
    this.#keepWithin(maxBytes)
  }

  /** Ends a session, if it is there. */
  close(id: LogIndex): void {
    const session = this.#sessions.get(id)
    if (session !== undefined) this.#forget(session)
  }

  /** Uses a session for a command: takes over what it acknowledges, and says what is known of its number. */
  use(id: LogIndex, number: number, oldest: number, time: number): SessionLookup {
    const session = this.#sessions.get(id)
    if (session === undefined) return 'expired'
    session.usedAt = time
    this.#sessions.delete(id)
    this.#sessions.set(id, session)
    if (oldest > session.oldest) this.#acknowledge(session, oldest)
    if (number < session.oldest) return 'forgotten'
    return session.results.get(number) ?? 'new'
  }

  /** Remembers the result of a command that was new to its session. */
  add(id: LogIndex, result: RememberedResult, maxBytes: number): void {
    this.#sessions.get(id)?.results.set(result.number, result)
    this.#bytes += weightOf(result)
    this.#keepWithin(maxBytes)
  }

  /** Ends the sessions that were last used at log time `time` or before. */
  expire(time: number): void {
    for (const session of this.#sessions.values()) {
      if (session.usedAt > time) return
      this.#forget(session)
    }
  }

  /** All of them, the one unused longest first: copies. */
  list(): readonly RememberedSession[] {
    return Array.from(this.#sessions.values(), (session) => ({
      ...session,
      results: [...session.results.values()],
    }))
  }

  /** Forgets everything, and remembers `sessions` instead. */
  replace(sessions: readonly RememberedSession[]): void {
    this.#sessions.clear()
    this.#bytes = 0
    for (const { id, usedAt, oldest, results } of sessions) {
      this.#sessions.set(id, {
        id,
        usedAt,
        oldest,
        results: new Map(results.map((each) => [each.number, each])),
      })
      this.#bytes += REMEMBERED_OVERHEAD_BYTES
      for (const result of results) this.#bytes += weightOf(result)
    }
  }

  #acknowledge(session: LiveSession, oldest: number): void {
    session.oldest = oldest
    for (const [number, result] of session.results) {
      if (number >= oldest) continue
      session.results.delete(number)
      this.#bytes -= weightOf(result)
    }
  }

  #keepWithin(maxBytes: number): void {
    if (this.#bytes <= maxBytes) return
    for (const session of this.#sessions.values()) {
      this.#forget(session)
      if (this.#bytes <= maxBytes) return
    }
  }

  #forget(session: LiveSession): void {
    this.#sessions.delete(session.id)
    this.#bytes -= REMEMBERED_OVERHEAD_BYTES
    for (const result of session.results.values()) this.#bytes -= weightOf(result)
  }
}

function weightOf({ result }: RememberedResult): number {
  return REMEMBERED_OVERHEAD_BYTES + (result?.length ?? 0)
}
