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
