import type { CommandEntry, SessionEntry } from '../../../src/runtime/command-entry.ts'

/** Why a command has no effect. */
export type NoEffect =
  'a key that is known' | 'a number that is known' | 'an acknowledged number' | 'no session'

interface ModelSession {
  usedAt: number
  oldest: number
  readonly applied: Set<number>
}

/** What the log itself says of time, and of what came before (thesis 6.3): the same for all nodes, without looking at any clock. */
export class ModelRemembered {
  time = 0
  readonly #keys = new Map<string, number>()
  readonly #sessions = new Map<number, ModelSession>()

  /** The entry at `index` is applied: why it has no effect on the machine, if it is a command that has none. */
  apply(index: number, entry: CommandEntry): NoEffect | undefined {
    switch (entry.kind) {
      case 'plain':
        return undefined
      case 'keyed':
        if (this.#keys.has(entry.key)) return 'a key that is known'
        this.#keys.set(entry.key, this.time)
        return undefined
      case 'session':
        return this.#use(entry)
      case 'open-session':
        this.#sessions.set(index, { usedAt: this.time, oldest: 0, applied: new Set() })
        return undefined
      case 'close-session':
        this.#sessions.delete(entry.session)
        return undefined
      case 'clock':
        this.time = Math.max(this.time, entry.time)
        for (const [key, at] of this.#keys)
          if (at + entry.keysExpireAfterMs <= this.time) this.#keys.delete(key)
        for (const [id, { usedAt }] of this.#sessions)
          if (usedAt + entry.sessionsExpireAfterMs <= this.time) this.#sessions.delete(id)
        return undefined
    }
  }

  #use({ session: id, number, oldest }: SessionEntry): NoEffect | undefined {
    const session = this.#sessions.get(id)
    if (session === undefined) return 'no session'
    session.usedAt = this.time
    session.oldest = Math.max(session.oldest, oldest)
    if (number < session.oldest) return 'an acknowledged number'
    if (session.applied.has(number)) return 'a number that is known'
    session.applied.add(number)
    return undefined
  }
}
