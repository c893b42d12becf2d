import type { NodeId } from '@colony/host'
import type { LogEnd, Term } from '../core/entry.ts'
import type { RaftCore } from '../core/raft-core.ts'
import type { CoreRole } from '../core/core-options.ts'

/** Who is told of changes. */
export interface ChangeListener {
  /** This node leads a term and has committed in it, or does so no more. */
  leading(term: Term | undefined): void
  /** Role, term or leader changed. */
  changed(termChanged: boolean): void
  /** What damage took from its log, which reached up to `end`, is here again. */
  regained(end: LogEnd): void
}

/** Notices what a core has become. Looked at several times a turn, so it costs little when nothing changed. */
export class CoreChanges {
  readonly #core: RaftCore
  readonly #listener: ChangeListener
  #role: CoreRole
  #term: Term
  #leader: NodeId | undefined
  #leadingTerm: Term | undefined
  #lost: LogEnd | undefined

  constructor(core: RaftCore, listener: ChangeListener) {
    this.#core = core
    this.#listener = listener
    this.#role = core.role
    this.#term = core.term
    this.#lost = core.lost
  }

  /** Tells of what is new since the last look. */
  look(): void {
    const { role, term, leader } = this.#core
    const leadingTerm = this.#core.leads ? term : undefined
    if (leadingTerm !== this.#leadingTerm) {
      this.#leadingTerm = leadingTerm
      this.#listener.leading(leadingTerm)
    }
    if (this.#lost !== undefined && this.#core.lost === undefined) {
      this.#listener.regained(this.#lost)
      this.#lost = undefined
    }
    const termChanged = term !== this.#term
    if (!termChanged && role === this.#role && leader === this.#leader) return
    this.#role = role
    this.#term = term
    this.#leader = leader
    this.#listener.changed(termChanged)
  }
}
