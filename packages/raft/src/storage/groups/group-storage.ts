import type { RaftStorage } from '../storage.ts'

/**
 * Whose data a storage of many groups holds.
 * @category Storage
 */
export interface GroupStorageOwner {
  /** `clusterId` of the host. */
  readonly clusterId: string
  /** The node that owns the data. */
  readonly nodeId: string
}

/**
 * Where one node keeps the terms, votes and logs of all its groups, in such a way that one write to the disk serves every group that has something to write just then. One
 * node uses it, and nobody else does.
 * @category Storage
 */
export interface RaftGroupStorage {
  /** Largest record of one group that it takes, in bytes as it stores them. Default: no limit. */
  readonly maxRecordBytes?: number

  /**
   * Takes hold of the storage, and writes `owner` durably first where it is fresh.
   * @throws A {@link RaftError}: `RAFT_STORAGE_LOCKED`, `RAFT_STORAGE_FOREIGN`, `RAFT_STORAGE_DAMAGED` or `RAFT_STORAGE_FAILED`, as {@link RaftStorage.open} says.
   *   Nothing is changed in any of these cases.
   */
  open(owner: GroupStorageOwner): Promise<void>

  /**
   * What it keeps for one group, as a storage of its own. To be opened and closed while the whole is open. A record that can't be written ends the use of all groups: they
   * share their disk.
   */
  group(name: string): RaftStorage

  /** Lets go of the storage; its groups must be closed before. Idempotent; resolves when another process may open it. */
  close(): Promise<void>
}
