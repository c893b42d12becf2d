import { type Clock, ColonyError, type Random } from '@colony/host'
import type { Raft, RaftError } from '@colony/raft'
import type { Answer, Command } from './command.ts'
import type { LockStateMachine } from './lock-state-machine.ts'

/** What all parts of a backend share. */
export interface Group {
  readonly raft: Raft<LockStateMachine>
  readonly clock: Clock
  readonly random: Random
  /** How long a session lasts after its last sign of life, in milliseconds. */
  readonly sessionTtlMs: number
  /** How long one attempt may take, in milliseconds. */
  readonly timeoutMs: number
}

/** An answer, and where in the log it was given. */
export interface Answered {
  readonly answer: Answer
  readonly index: number
}

/** One attempt: rejects when it is over, whatever becomes of the command. */
export async function propose(
  group: Group,
  command: Command,
  timeoutMs: number = group.timeoutMs,
): Promise<Answered> {
  const limit = Math.max(1, Math.ceil(Math.min(timeoutMs, group.timeoutMs)))
  const { value, index } = await group.raft.propose(command, { timeoutMs: limit })
  return { answer: value as Answer, index }
}

/** What no later attempt on this node can mend. */
const FINAL = [
  'RAFT_CLOSED',
  'RAFT_STOPPED',
  'RAFT_MACHINE_FAILED',
  'RAFT_COMMAND_TOO_LARGE',
  'RAFT_COMMAND_NOT_ENCODABLE',
]

/** Whether another attempt may do better: there was no leader, or it is not known what became of this one. */
export function mayTryAgain(error: unknown): boolean {
  if (!(error instanceof ColonyError) || FINAL.includes(String(error.code))) return false
  return error.retryable || (error as unknown as RaftError).outcome === 'unknown'
}
