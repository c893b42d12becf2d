import type { NodeId } from '@colony/host'
import { RaftError } from '../errors.ts'
import type { Route } from './route.ts'
import type { VersionNotice } from './version-wire.ts'

/**
 * The format of entries and snapshots that this code writes, once all members understand it. 1: plain commands and idempotency keys. 2: log time and sessions.
 */
export const FORMAT_VERSION = 2

/** How long a question goes unanswered before it is asked again, and for how long at most: whoever does not understand it counts it as malformed. */
const ASK_AGAIN_MS = 100
const MAX_ASK_AGAIN_MS = 10_000

/** What an upgrade needs of its node. */
export interface UpgradeParts {
  readonly route: Route
  /** Every member of the latest membership, whatever its role. */
  members(): readonly NodeId[]
  /** Whether the log has an entry of the present format, which is committed and applied here. */
  isDone(): boolean
  /** Whether it is wanted whatever is proposed; else it is given up after a while, until something needs it again. */
  readonly isLasting: boolean
  /** On the leader: appends the first entry of the present format; false when it can't just now. */
  append(): boolean
}

/** Someone who can't go on before the upgrade. */
interface Waiting {
  readonly deadline: number
  resolve(): void
  reject(reason: unknown): void
}

/**
 * Sees that nothing is written that a member could not read. The leader asks all members which format they understand, and appends the first entry of the present
 * one when all of them have said so: from then on the log itself says it, to every leader there will be. Nobody is asked before anything needs it.
 */
export class FormatUpgrade {
  readonly #parts: UpgradeParts
  readonly #versions = new Map<NodeId, number>()
  readonly #waiting = new Set<Waiting>()
  #wanted = false
  #appended = false
  #askAt = 0
  #askAgainMs = ASK_AGAIN_MS

  constructor(parts: UpgradeParts) {
    this.#parts = parts
  }

  /** 1 while there is something to ask or to wait for. */
  get size(): number {
    return this.#wanted || this.#waiting.size > 0 ? 1 : 0
  }

  /** On the leader: something needs the present format. */
  want(): void {
    if (this.#wanted) return
    this.#wanted = true
    this.#parts.route.wake()
  }

  /** Resolves when the group writes the present format; at once, if it does already. */
  done(deadline: number, signal: AbortSignal | undefined): Promise<void> {
    if (this.#parts.isDone()) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        if (!this.#waiting.delete(waiting)) return
        signal?.removeEventListener('abort', onAbort)
        settle()
      }
      const waiting: Waiting = {
        deadline,
        resolve: () => end(resolve),
        reject: (reason) => end(() => reject(reason as Error)),
      }
      const onAbort = (): void => waiting.reject(signal?.reason)
      signal?.addEventListener('abort', onAbort)
      this.#waiting.add(waiting)
      this.#parts.route.wake()
    })
  }

  /** Once a turn: goes on with what is wanted. */
  turn(): void {
    if (!this.#wanted && this.#waiting.size === 0) return
    if (this.#parts.isDone()) return this.#finish()
    const { role, leader, now } = this.#parts.route
    if (role === 'leader') {
      this.#wanted = true
      this.#lead()
    } else if (this.#waiting.size === 0) {
      this.#wanted = false
    } else if (leader !== undefined && now >= this.#askAt) {
      this.#say(leader, 'upgrade')
      this.#askLater()
    }
  }

  /** Gives up what waited for too long. */
  sweep(): void {
    const { now, leader } = this.#parts.route
    for (const waiting of this.#waiting) if (now >= waiting.deadline) waiting.reject(notDone(leader))
  }

  /** A node says what it understands, and may ask for something. */
  onNotice(from: NodeId, { version, asks }: VersionNotice): void {
    if (this.#parts.members().includes(from)) this.#versions.set(from, version)
    if (asks === 'version') this.#say(from, 'nothing')
    if (asks === 'upgrade' && this.#parts.route.role === 'leader') this.#wanted = true
  }

  /** Role, term or leader changed: what was said before may have been said by an earlier life. */
  onChange(): void {
    this.#versions.clear()
    this.#appended = false
    this.#askAt = 0
    this.#askAgainMs = ASK_AGAIN_MS
  }

  /** Ends everything. */
  rejectAll(error: RaftError): void {
    for (const waiting of this.#waiting) waiting.reject(error)
  }

  #lead(): void {
    const { id, now } = this.#parts.route
    const unknown = this.#parts
      .members()
      .filter((member) => member !== id && (this.#versions.get(member) ?? 0) < FORMAT_VERSION)
    if (unknown.length === 0) {
      if (!this.#appended) this.#appended = this.#parts.append()
    } else if (now >= this.#askAt) {
      for (const member of unknown) this.#say(member, 'version')
      // An idle group does not ask for ever: the next command that needs it does.
      if (this.#askAgainMs === MAX_ASK_AGAIN_MS && this.#waiting.size === 0)
        this.#wanted = this.#parts.isLasting
      this.#askLater()
    }
  }

  #say(to: NodeId, asks: VersionNotice['asks']): void {
    this.#parts.route.send(to, { type: 'version', version: FORMAT_VERSION, asks })
  }

  #askLater(): void {
    this.#askAt = this.#parts.route.now + this.#askAgainMs
    this.#askAgainMs = Math.min(MAX_ASK_AGAIN_MS, 2 * this.#askAgainMs)
  }

  #finish(): void {
    this.#wanted = false
    for (const waiting of this.#waiting) waiting.resolve()
  }
}

function notDone(leader: NodeId | undefined): RaftError {
  if (leader === undefined) {
    return new RaftError('RAFT_NO_LEADER', 'no leader was found in time; nothing was proposed', {
      outcome: 'rejected',
      retryable: true,
    })
  }
  return new RaftError(
    'RAFT_NOT_UPGRADED',
    'not every member has said that it knows sessions: the first one needs all members up at once, of a version that has them; nothing was proposed',
    { outcome: 'rejected', retryable: true, leader },
  )
}
