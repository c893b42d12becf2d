import type { Clock } from '@colony/host'
import type { SnapshotMeta } from '../../core/entry.ts'
import { RaftError } from '../../errors.ts'
import type { RaftStorage } from '../../storage/storage.ts'
import type { AnyMachine } from '../machine.ts'
import { Pace } from './pace.ts'
import { restoreSnapshot, type RestoredSnapshot } from './restore-snapshot.ts'
import { supportsSnapshots } from './snapshot-options.ts'

/** The snapshot that a node started from. */
export interface StartedFrom extends RestoredSnapshot {
  readonly index: number
}

/**
 * Gives a machine in its first state that of the newest snapshot, before anything of the log is applied.
 * @throws A {@link RaftError}: `RAFT_SNAPSHOT_UNSUPPORTED` when there is one and the machine can't take it, and what {@link restoreSnapshot} throws.
 */
export async function startFromSnapshot(
  snapshot: SnapshotMeta | undefined,
  storage: RaftStorage,
  machine: AnyMachine,
  clock: Clock,
): Promise<StartedFrom | undefined> {
  if (snapshot === undefined) return undefined
  if (!supportsSnapshots(storage, machine)) {
    const message = `the storage holds a snapshot at index ${snapshot.index}, but the machine has no restore; give createRaft the machine that made it`
    throw new RaftError('RAFT_SNAPSHOT_UNSUPPORTED', message)
  }
  const stored = await storage.openSnapshot?.()
  if (stored?.meta.index !== snapshot.index) {
    await stored?.close()
    throw new RaftError(
      'RAFT_STORAGE_FAILED',
      `the storage does not give back its snapshot at index ${snapshot.index}`,
    )
  }
  try {
    return { index: snapshot.index, ...(await restoreSnapshot(stored, machine, new Pace(clock))) }
  } finally {
    await stored.close()
  }
}
