import type { SnapshotMeta } from '../../core/entry.ts'
import { RaftError } from '../../errors.ts'
import type { StoredSnapshot } from '../storage.ts'
import { storageFailed } from './damage.ts'
import type { LogPlace } from './recovery.ts'
import {
  headerOf,
  openSnapshotFile,
  removeOlderSnapshots,
  type SnapshotHeader,
  writeSnapshot,
} from './snapshot-file.ts'

/** The snapshots beside a log that is open: one that counts, and perhaps one that is being written. */
export class SnapshotFiles {
  readonly #place: LogPlace
  #newest: SnapshotHeader | undefined
  #saving: Promise<void> | undefined

  constructor(place: LogPlace, newest: SnapshotHeader | undefined) {
    this.#place = place
    this.#newest = newest
  }

  /** Index of the newest; 0 when there is none. */
  get newestIndex(): number {
    return this.#newest?.meta.index ?? 0
  }

  /** Saves one, which is then the newest. */
  async save(meta: SnapshotMeta, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    if (this.#saving !== undefined)
      throw new RaftError('RAFT_INVARIANT_BROKEN', 'Two snapshots were saved at a time.')
    if (meta.index <= this.newestIndex) {
      const problem = `A snapshot at index ${meta.index} is not newer than that at index ${this.newestIndex}.`
      throw new RaftError('RAFT_INVARIANT_BROKEN', problem)
    }
    const saving = this.#save(meta, chunks)
    this.#saving = saving.catch(() => undefined)
    try {
      await saving
    } finally {
      this.#saving = undefined
    }
  }

  /** Opens the newest. */
  async open(): Promise<StoredSnapshot | undefined> {
    // One that is replaced between a look and the opening is found again under its new name.
    for (let header = this.#newest; header !== undefined; header = this.#newest) {
      try {
        return await openSnapshotFile(this.#place, header)
      } catch (error) {
        if (header === this.#newest)
          throw storageFailed(`Opening a snapshot in ${this.#place.directory}`, error)
      }
    }
    return undefined
  }

  /** Resolves when nothing is written any more. */
  async close(): Promise<void> {
    await this.#saving
  }

  async #save(meta: SnapshotMeta, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    await writeSnapshot(this.#place, meta, chunks)
    this.#newest = { meta, bytes: headerOf(this.#place, meta).length }
    // It is only space that is lost with them; the next start tries again.
    await removeOlderSnapshots(this.#place, meta.index).catch(() => undefined)
  }
}
