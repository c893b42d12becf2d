import { open, rename } from 'node:fs/promises'
import { resolve } from 'node:path'
import { nodeDisk } from '@colony/host/node'
import { backupOfLog } from '../recovery/backup-log.ts'
import { restoreBackup, type RestoredBackup, type RestoreOptions } from '../recovery/restore-backup.ts'
import { checksum, lockedDirectory, withDirectory } from './log-files.ts'

/**
 * A backup of the log in a directory of a stopped node, as `raft backup` makes it: the newest snapshot and every entry behind it, also those at the end that may never have been committed. `raft.backup()` backs up a running node.
 * @throws A {@link RaftError}, when the first piece is asked for: `RAFT_RECOVERY_REFUSED` when the log is damaged or there is none, `RAFT_STORAGE_LOCKED` when a process uses it, `RAFT_STORAGE_FAILED` when it can't be read.
 * @category Recovery
 */
export async function* backupFiles(directory: string): AsyncGenerator<Uint8Array, void> {
  const { path, lock } = await lockedDirectory(directory)
  try {
    yield* backupOfLog(nodeDisk(), path, checksum())
  } finally {
    await lock.release()
  }
}

/**
 * Founds a new cluster from a backup, in a directory that holds no log (and is made when it is missing), as `raft restore` does: with one node, its only voter. Start it with the new cluster id, and add the other members.
 * @throws A {@link RaftError}: `RAFT_RECOVERY_REFUSED` when the directory holds a log, the backup is damaged, or the cluster id is that of the backup; `RAFT_STORAGE_LOCKED` and `RAFT_STORAGE_FAILED` as usual.
 * @category Recovery
 */
export async function restoreBackupFiles(
  directory: string,
  backup: AsyncIterable<Uint8Array>,
  options: RestoreOptions,
): Promise<RestoredBackup> {
  await nodeDisk().makeDirectory(resolve(directory))
  return await withDirectory(
    directory,
    async (path) => await restoreBackup(nodeDisk(), path, checksum(), backup, options),
  )
}

/** Writes a backup into a file, which gets its name when it is complete and durable. Returns its length. */
export async function writeBackup(backup: AsyncIterable<Uint8Array>, file: string): Promise<number> {
  const handle = await open(`${file}.tmp`, 'w')
  let bytes = 0
  try {
    for await (const piece of backup) {
      await handle.writeFile(piece)
      bytes += piece.length
    }
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(`${file}.tmp`, file)
  return bytes
}
