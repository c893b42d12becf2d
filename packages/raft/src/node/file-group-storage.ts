import { nodeDisk } from '@colony/host/node'
import { groupLogStorage } from '../storage/groups/group-log-storage.ts'
import type { GroupStorageOwner, RaftGroupStorage } from '../storage/groups/group-storage.ts'
import type { RaftStorage } from '../storage/storage.ts'
import { fastChecksum } from './fast-checksum.ts'
import type { FileStorageOptions } from './file-storage.ts'
import { LockedOpening, requireDirectory } from './locked-opening.ts'

/**
 * A storage of many groups in a directory of this machine: one log of segment files for all of them, with one sync of the disk for whatever they write in one turn. What holds of
 * `fileStorage` holds of this as well: it is safe against crashes of process and machine, and locked against a second process.
 * @param directory Made when it is missing; a relative path is taken from the working directory of now. One directory serves one node.
 * @throws A `RaftError`: `RAFT_INVALID_OPTION` at once; from `open`, what {@link RaftGroupStorage} says.
 * @category Storage
 */
export async function fileGroupStorage(
  directory: string,
  options: FileStorageOptions = {},
): Promise<RaftGroupStorage> {
  const path = requireDirectory(directory)
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
  readonly #opening: LockedOpening
  readonly #log: RaftGroupStorage

  constructor(directory: string, log: RaftGroupStorage) {
    this.#opening = new LockedOpening(directory)
    this.#log = log
    if (log.maxRecordBytes !== undefined) this.maxRecordBytes = log.maxRecordBytes
  }

  async open(owner: GroupStorageOwner): Promise<void> {
    return await this.#opening.open(() => this.#log.open(owner))
  }

  group(name: string): RaftStorage {
    return this.#log.group(name)
  }

  async close(): Promise<void> {
    await this.#opening.close(() => this.#log.close())
  }
}
