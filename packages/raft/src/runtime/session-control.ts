import { requireInteger } from '@colony/host'
import type { Applied } from './applied.ts'
import { encodeOpenSession } from './command-entry.ts'
import type { AnyMachine, ResultOf } from './machine.ts'
import { invalidProposal } from './options.ts'
import { Session, type RaftSession, type SessionParts, type SessionStartOptions } from './session.ts'

/** What opening sessions needs of a node. */
export interface SessionControlParts<Machine extends AnyMachine> extends SessionParts<Machine> {
  /** When a call with this timeout has to end. */
  deadline(timeoutMs: number | undefined): number
  /** Milliseconds of the node's clock. */
  now(): number
  /** Resolves when all members understand sessions. */
  ready(deadline: number, signal: AbortSignal | undefined): Promise<void>
  /** Throws when the node does not run. */
  requireRunning(): void
}

/** Opens sessions, and goes on with those that were opened elsewhere. */
export class SessionControl<Machine extends AnyMachine> {
  readonly #parts: SessionControlParts<Machine>

  constructor(parts: SessionControlParts<Machine>) {
    this.#parts = parts
  }

  /** What `raft.session` does. */
  async start({ id, signal, timeoutMs }: SessionStartOptions): Promise<RaftSession<Machine>> {
    const parts = this.#parts
    parts.requireRunning()
    if (id !== undefined) requireInteger(invalidProposal, 'id', id, 1, Number.MAX_SAFE_INTEGER)
    const deadline = parts.deadline(timeoutMs)
    signal?.throwIfAborted()
    await parts.ready(deadline, signal)
    if (id !== undefined) return new Session(id, false, parts)
    // Opened twice after a change of leader, one of them is used by nobody, and expires.
    const { index } = await this.#open(Math.max(1, deadline - parts.now()), signal)
    return new Session(index, true, parts)
  }

  #open(timeoutMs: number, signal: AbortSignal | undefined): Promise<Applied<ResultOf<Machine>>> {
    return this.#parts.submit(encodeOpenSession(), { timeoutMs, ...(signal !== undefined && { signal }) })
  }
}
