import type { Operation } from '../history/operation.ts'
import { splitPrograms } from './programs.ts'
import type { RegisterHistory } from './register-history.ts'
import { markHappened, markKnown, NOBODY, NOTHING } from './register-history.ts'
import type { SessionGuarantee } from './session-violation.ts'

/** That one version is older than another, because of two operations of one process. Version 0 is the initial one, n + 1 the one that operation n wrote. */
export interface Claim {
  readonly guarantee: SessionGuarantee
  readonly older: number
  readonly newer: number
  /** The operation that met `newer`. */
  readonly operation: number
  /** The earlier one, that met `older`. */
  readonly against: number
}

/** What a process met last. */
interface Met {
  readonly version: number
  readonly operation: number
}

/** What each process may claim. Only the latest read and the latest write matter to what comes next: the earlier ones are older than they. */
export function sessionClaims(history: RegisterHistory): Claim[] {
  const happened = markHappened(history, markKnown(history))
  return splitPrograms(history.operations).flatMap((program) => {
    const session = new Session(history)
    let place = 0
    for (const { operation, after } of program.unknown) {
      for (; place < after; place += 1) session.meet(program.known[place] as number, true)
      if (happened[operation] === 1) session.meet(operation, false)
    }
    for (; place < program.known.length; place += 1) session.meet(program.known[place] as number, true)
    return session.claims
  })
}

class Session {
  readonly claims: Claim[] = []
  readonly #history: RegisterHistory
  #read: Met | undefined
  #written: Met | undefined

  constructor(history: RegisterHistory) {
    this.#history = history
  }

  /** Takes the next operation. One that does not `bind` comes after those before it, but later ones need not come after it. */
  meet(operation: number, bind: boolean): void {
    const { sources, writes } = this.#history
    let read = this.#read
    let written = this.#written
    const source = sources[operation] as number
    if (source !== NOTHING && source !== NOBODY) {
      const met = { version: source === sources.length ? 0 : source + 1, operation }
      this.#claim('read your writes', written, met)
      this.#claim('monotonic reads', read, met)
      read = met
    }
    if (writes[operation] === 1) {
      const met = { version: operation + 1, operation }
      this.#claim('monotonic writes', written, met)
      this.#claim('writes follow reads', read, met, true)
      written = met
    }
    if (!bind) return
    this.#read = read
    this.#written = written
  }

  #claim(guarantee: SessionGuarantee, older: Met | undefined, newer: Met, strictly = false): void {
    if (older === undefined || (!strictly && older.version === newer.version)) return
    const { version, operation: against } = older
    this.claims.push({ guarantee, older: version, newer: newer.version, operation: newer.operation, against })
  }
}

/** When a claim was known: of unknown outcome and yet seen, an operation is the last to be blamed. */
export function endOf({ outcome, completedAt }: Operation): number {
  return outcome === 'ok' ? completedAt : Number.MAX_VALUE
}
