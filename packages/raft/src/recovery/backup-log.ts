import { crc32, type Checksum, type Disk } from '@colony/host'
import { openSnapshotFile, readNewestSnapshot } from '../storage/log/snapshot-file.ts'
import { encodeBackupEntries, encodeBackupHeader } from './backup-format.ts'
import { contentOf } from './backup-snapshot.ts'
import { inspectLog } from './inspect-log.ts'
import { refusal } from './recovery-plan.ts'

/**
 * A backup of the log in a directory that nobody uses: its newest snapshot, and every entry behind it, also those at the end that may never have been committed.
 * @throws A {@link RaftError} `RAFT_RECOVERY_REFUSED` when the log is damaged or there is none; and what the disk rejects with.
 */
export async function* backupOfLog(
  disk: Disk,
  directory: string,
  checksum: Checksum,
): AsyncGenerator<Uint8Array, void> {
  const { inspection, place, log, isReplaced } = await inspectLog(disk, directory, checksum)
  const { identity, verdict, reason, state } = inspection
  const isUsable = verdict === 'sound' || verdict === 'torn'
  if (!isUsable || identity === undefined || place === undefined || log === undefined || state === undefined)
    throw refusal(
      `the log in ${directory} can't be backed up (${verdict}${reason === undefined ? '' : `: ${reason}`})`,
    )
  const header = await readNewestSnapshot(place, await disk.list(directory))
  const stored = header && (await openSnapshotFile(place, header))
  try {
    const { clusterId, group } = identity
    const from = (stored?.meta.index ?? 0) + 1 - log.state.firstIndex
    const kept = isReplaced === true ? [] : [...log.state.entries].slice(from)
    const entries = encodeBackupEntries(kept)
    yield encodeBackupHeader({
      ...{ clusterId, group, snapshot: stored?.meta, snapshotBytes: stored?.bytes ?? 0 },
      ...{ entryBytes: entries.length, entryChecksum: crc32(entries) },
    })
    if (stored !== undefined) yield* contentOf(stored)
    if (entries.length > 0) yield entries
  } finally {
    await stored?.close()
  }
}
