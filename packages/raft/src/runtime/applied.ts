import type { LogIndex } from '../core/entry.ts'

/**
 * A proposal that was committed and applied.
 * @category Node
 */
export interface Applied<Result> {
  /** What the machine returned. */
  readonly value: Result
  /** Where in the log the command took effect; for a repeated idempotency key, or number of a session, where the first one did. */
  readonly index: LogIndex
}
