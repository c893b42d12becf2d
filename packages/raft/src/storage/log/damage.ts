import { ColonyError } from '@colony/host'
import { RaftError } from '../../errors.ts'

/** Where acknowledged data cannot be read. */
export interface Damage {
  /** Path of the file. */
  readonly file: string
  /** Byte in the file. */
  readonly position: number
  /** What is wrong there, as a sentence without its end. */
  readonly problem: string
  /** First log index that may be lost. */
  readonly fromIndex: number
  /** Last log index that may be lost, when something after the damage tells. */
  readonly toIndex?: number | undefined
}

/** Acknowledged data is unreadable: the one thing that must never be passed over in silence. */
export function damaged(damage: Damage): RaftError {
  const { file, position, problem, fromIndex, toIndex } = damage
  const range = toIndex === undefined || toIndex < fromIndex ? 'on' : `to ${toIndex}`
  return new RaftError(
    'RAFT_STORAGE_DAMAGED',
    `${file}, byte ${position}: ${problem}. Log entries from index ${fromIndex} ${range} cannot be trusted. ` +
      'This is no interrupted write: data that was acknowledged as durable is missing. Nothing was changed. ' +
      'Put the files back from where they were changed or copied, if that is what happened. Otherwise keep the directory for ' +
      'inspection and replace this node by a new one with a new id; do not start it empty under its old id, for it has ' +
      'forgotten how it voted.',
  )
}

/** The storage was written by a newer version, or the disk refused: not damage, and not for this code to judge. */
export function unreadable(file: string, problem: string): RaftError {
  return new RaftError(
    'RAFT_STORAGE_FAILED',
    `${file}: ${problem}. Nothing was changed. Start this node with the version of @colony/raft that wrote its storage, or a newer one.`,
  )
}

/** What the system says when a disk, or one's share of it, is full. */
const FULL_CODES: readonly unknown[] = ['ENOSPC', 'EDQUOT']

/** Whether the disk refused because it is full. */
export function isDiskFull(error: unknown): boolean {
  const cause = error instanceof ColonyError ? error.cause : undefined
  return typeof cause === 'object' && cause !== null && 'code' in cause && FULL_CODES.includes(cause.code)
}

/** The disk is full, and nothing of the record was written. */
export function storageFull(directory: string, cause: unknown): RaftError {
  return new RaftError(
    'RAFT_STORAGE_FULL',
    `The disk of ${directory} is full: there is no room for another segment. Nothing of the record was written; the same can be tried again when there is room.`,
    { cause, retryable: true },
  )
}

/** What a rejection of the disk becomes; errors of this package pass as they are. */
export function storageFailed(doing: string, error: unknown): RaftError {
  if (error instanceof RaftError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new RaftError(
    'RAFT_STORAGE_FAILED',
    `${doing} failed: ${reason}. Nothing more is written to this storage until it is opened anew, ` +
      'because after a failed write nobody knows what is on the disk.',
    { cause: error },
  )
}
