import type { Term } from '../core/entry.ts'
import type { RaftError } from '../errors.ts'
import type { MembersListener } from './group-members.ts'

/** What a driver tells its node. */
export interface DriverListener extends MembersListener {
  /** Role, term or leader changed. */
  changed(): void
  /** Whether this node leads, has committed in its term, and is not about to hand over, changed. */
  leading(term: Term | undefined): void
  /** A row of turns has ended: anything may have changed. */
  turned(): void
  /** The driver stopped for good. */
  stopped(error: RaftError): void
}
