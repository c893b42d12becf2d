import type { LogIndex } from '../core/entry.ts'
import type { ClockEntry, RememberLimits } from './command-entry.ts'
import { RememberedKeys, type RememberedKey } from './remembered-keys.ts'
import { RememberedSessions, type RememberedResult, type RememberedSession } from './remembered-sessions.ts'

/** What every node remembers beside its machine, at one place of the log: part of a snapshot. */
export interface Remembered {
  /** Log time in whole milliseconds; 0 before the first clock entry. */
  readonly time: number
  /** By what is forgotten; undefined before the first clock entry. */
  readonly limits: RememberLimits | undefined
  /** The oldest first. */
  readonly keys: readonly RememberedKey[]
  /** The one unused longest first. */
  readonly sessions: readonly RememberedSession[]
}

/** Nothing, as in a new group. */
export const NOTHING_REMEMBERED: Remembered = { time: 0, limits: undefined, keys: [], sessions: [] }

/**
 * Log time, and what is remembered by it. Changed by entries of the log alone, never by a clock or an option of this node, so that it is the same
 * everywhere (thesis 6.3).
 */
export class RememberedState {
  readonly keys: RememberedKeys = new RememberedKeys()
  readonly sessions: RememberedSessions = new RememberedSessions()
  readonly #timeSet: () => void
  #time = 0
  #limits: RememberLimits | undefined

  /** `timeSet` is called after every clock entry, and when a snapshot took the place of all this. */
  constructor(timeSet: () => void = () => undefined) {
    this.#timeSet = timeSet
  }

  /** Log time in whole milliseconds. */
  get time(): number {
    return this.#time
  }

  /** Whether the log has stated the time: all members, then and since, understand entries of the present format. */
  get isTimed(): boolean {
    return this.#limits !== undefined
  }

  /** Whether anything is there that time ends. */
  get isEmpty(): boolean {
    return this.keys.size === 0 && this.sessions.size === 0
  }

  /** The leader says what time it is. Log time never goes back: a new leader may be behind. */
  setTime({ time, keysExpireAfterMs, sessionsExpireAfterMs, maxBytes }: ClockEntry): void {
    this.#limits = { keysExpireAfterMs, sessionsExpireAfterMs, maxBytes }
    this.#time = Math.max(this.#time, time)
    this.keys.expire(this.#time - keysExpireAfterMs)
    this.sessions.expire(this.#time - sessionsExpireAfterMs)
    this.#timeSet()
  }

  /** Begins a session. */
  openSession(id: LogIndex): void {
    this.sessions.open(id, this.#time, this.#maxBytes)
  }

  /** Remembers what became of a command that came with a key. */
  rememberKey(known: RememberedKey): void {
    this.keys.add(known, this.#maxBytes)
  }

  /** Remembers what became of a command of a session. */
  rememberResult(session: LogIndex, result: RememberedResult): void {
    this.sessions.add(session, result, this.#maxBytes)
  }

  /** All of it: copies. */
  take(): Remembered {
    return {
      time: this.#time,
      limits: this.#limits,
      keys: this.keys.list(),
      sessions: this.sessions.list(),
    }
  }

  /** Takes over what a snapshot holds. */
  replace({ time, limits, keys, sessions }: Remembered): void {
    this.#time = time
    this.#limits = limits
    this.keys.replace(keys)
    this.sessions.replace(sessions)
    this.#timeSet()
  }

  /** Without a limit until the log states one: nodes of the format before have none. */
  get #maxBytes(): number {
    return this.#limits?.maxBytes ?? Number.POSITIVE_INFINITY
  }
}
