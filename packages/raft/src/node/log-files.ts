import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { crc32 as portableChecksum } from '@colony/host'
import { nodeDisk } from '@colony/host/node'
import { RaftError } from '../errors.ts'
import { inspectLog, type LogInspection } from '../recovery/inspect-log.ts'
import { type LogRepair, repairLog, type RepairOptions } from '../recovery/repair-log.ts'
import { fastChecksum } from './fast-checksum.ts'
import { type DirectoryLock, lockDirectory } from './lock-file.ts'

/**
 * Looks at the log in a directory, as `raft log check` does: what is there, what is damaged, and what a start would make of it. Changes nothing but that it holds the
 * directory's lock meanwhile.
 * @throws A {@link RaftError}: `RAFT_STORAGE_LOCKED` when a process uses it; `RAFT_STORAGE_FAILED` when there is no such directory, it can't be read, or a newer
 *   version wrote it.
 * @category Recovery
 */
export async function checkLog(directory: string): Promise<LogInspection> {
  return await withDirectory(
    directory,
    async (path) => (await inspectLog(nodeDisk(), path, checksum())).inspection,
  )
}

/**
 * Repairs the log in a directory, as `raft log repair` does: cuts off a torn tail, and with `retire` puts a log aside that its node can't safely start with. What it takes out it keeps in
 * files of other names.
 * @throws A {@link RaftError}: `RAFT_STORAGE_DAMAGED` when only `retire` would help and is not set; otherwise what {@link checkLog} throws.
 * @category Recovery
 */
export async function repairLogFiles(directory: string, options: RepairOptions = {}): Promise<LogRepair> {
  return await withDirectory(
    directory,
    async (path) => await repairLog(nodeDisk(), path, checksum(), options),
  )
}

/** Uses a directory that is there and that nobody else uses. */
export async function withDirectory<Result>(
  directory: string,
  use: (path: string) => Promise<Result>,
): Promise<Result> {
  const { path, lock } = await lockedDirectory(directory)
  try {
    return await use(path)
  } catch (error) {
    if (error instanceof RaftError) throw error
    const message = `Reading the log in ${path} failed: ${error instanceof Error ? error.message : String(error)}`
    throw new RaftError('RAFT_STORAGE_FAILED', message, { cause: error })
  } finally {
    await lock.release()
  }
}

/** Locks a directory that is there. */
export async function lockedDirectory(
  directory: string,
): Promise<{ readonly path: string; readonly lock: DirectoryLock }> {
  const path = resolve(directory)
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory() !== true)
    throw new RaftError('RAFT_STORAGE_FAILED', `There is no directory ${path}. Nothing was changed.`)
  return { path, lock: await lockDirectory(path) }
}

/** The fastest CRC-32 there is. */
export function checksum(): typeof portableChecksum {
  return fastChecksum() ?? portableChecksum
}
