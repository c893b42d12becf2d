/**
 * One open file. All writes are positioned; nothing is durable until {@link DiskFile.sync} or {@link DiskFile.writeDurable} resolved.
 * Operations on one file may be in flight together; they take effect in any order.
 * @category Seams
 */
export interface DiskFile {
  /** Current length in bytes. */
  size(): Promise<number>
  /** Reads up to `length` bytes at `position`; shorter only at the end of the file. */
  read(position: number, length: number): Promise<Uint8Array>
  /** Writes all of `bytes` at `position`, extending the file where needed. Not durable yet. */
  write(position: number, bytes: Uint8Array): Promise<void>
  /** Writes all of `bytes` at `position` and makes them, and nothing more than them, durable before it resolves. */
  writeDurable(position: number, bytes: Uint8Array): Promise<void>
  /** Makes every write and truncation of this file that has resolved durable. A rejection means: assume nothing, write no more. */
  sync(): Promise<void>
  /** Cuts or extends (with zeros) the file to `size` bytes. Durable after `sync`. */
  truncate(size: number): Promise<void>
  /** Closes the file; does not sync. Idempotent. */
  close(): Promise<void>
}

/**
 * A file system with the semantics that crash safety depends on, small enough to be simulated faithfully.
 * Paths use `/`. Creating, renaming and removing a file is durable only after {@link Disk.syncDirectory} of its directory.
 * Every rejection is a {@link ColonyError} with code `HOST_DISK_FAILED` whose `cause` is the platform's error
 * (its `code`, such as `ENOSPC`, repeated in `cause.code`).
 * @category Seams
 */
export interface Disk {
  /** Opens a file for reading and writing. `create` makes it when it is missing (an existing one is left as it is). */
  open(path: string, options?: { readonly create?: boolean }): Promise<DiskFile>
  /** Names of the entries of a directory, sorted; an empty list when the directory does not exist. */
  list(directory: string): Promise<readonly string[]>
  /** Makes a directory and its missing parents, durably. */
  makeDirectory(directory: string): Promise<void>
  /** Renames a file, replacing a file of the new name atomically. */
  rename(from: string, to: string): Promise<void>
  /** Removes a file; resolves also when there is none. */
  remove(path: string): Promise<void>
  /** Makes the creations, renames and removals within a directory durable. */
  syncDirectory(directory: string): Promise<void>
}
