import { resolve } from 'node:path'
import { nodeDisk } from '@colony/host/node'
import { RaftError } from '../errors.ts'
import { groupLogStorage } from '../storage/groups/group-log-storage.ts'
import type { GroupStorageOwner, RaftGroupStorage } from '../storage/groups/group-storage.ts'
import type { RaftStorage } from '../storage/storage.ts'
import { fastChecksum } from './fast-checksum.ts'
import type { FileStorageOptions } from './file-storage.ts'
import { type DirectoryLock, lockDirectory } from './lock-file.ts'

/**
 * A storage of many groups in a directory of this machine: one log of segment files for all of them, with one sync of the disk for whatever they write in one turn. What holds of
 * `fileStorage` holds of this as well: it is safe against crashes of process and machine, and locked against a second process.
 * @param directory Made when it is missing; a relative path is taken from the working directory of now. One directory serves one node.
 * @throws A {@link RaftError}: `RAFT_INVALID_OPTION` at once; from `open`, what {@link RaftGroupStorage} says.
 * @category Storage
 */
export async function fileGroupStorage(
  directory: string,
  options: FileStorageOptions = {},
): Promise<RaftGroupStorage> {
  if (typeof directory !== 'string' || directory === '') {
    throw new RaftError('RAFT_INVALID_OPTION', 'directory must be the path of a directory, not empty')
  }
  const path = resolve(directory)
  const checksum = fastChecksum()
  const log = groupLogStorage({
    ...options,
    disk: nodeDisk(),
    directory: path,
    ...(checksum && { checksum }),
  })
  return new FileGroupStorage(path, log)
}

class FileGroupStorage implements RaftGroupStorage {
  declare readonly maxRecordBytes?: number
  readonly #directory: string
  readonly #log: RaftGroupStorage
  #lock: DirectoryLock | undefined
  #opening: Promise<void> | undefined

  constructor(directory: string, log: RaftGroupStorage) {
    this.#directory = directory
    this.#log = log
    if (log.maxRecordBytes !== undefined) this.maxRecordBytes = log.maxRecordBytes
  }

  async open(owner: GroupStorageOwner): Promise<void> {
    if (this.#opening !== undefined || this.#lock !== undefined) throw alreadyOpen(this.#directory)
    this.#opening = this.#openLocked(owner)
    try {
      await this.#opening
    } finally {
      this.#opening = undefined
    }
  }

  group(name: string): RaftStorage {
    return this.#log.group(name)
  }

  async close(): Promise<void> {
    // Whoever called `open` hears of its failure; here it only matters that it is over.
    await this.#opening?.catch(() => undefined)
    await this.#log.close()
    const lock = this.#lock
    this.#lock = undefined
    await lock?.release()
  }

  async #openLocked(owner: GroupStorageOwner): Promise<void> {
    const lock = await lockDirectory(this.#directory)
    try {
      await this.#log.open(owner)
      this.#lock = lock
    } catch (error) {
      await lock.release()
      throw error
    }
  }
}

function alreadyOpen(directory: string): RaftError {
  return new RaftError(
    'RAFT_STORAGE_LOCKED',
    `This storage in ${directory} is open already: one storage serves one node. Close that node first.`,
  )
}
