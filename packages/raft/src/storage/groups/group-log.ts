import type { LogIndex, PersistRecord, SnapshotMeta, StoredState } from '../../core/entry.ts'
import { RaftError } from '../../errors.ts'
import { canonicalIdentity, requireSameIdentity } from '../identity.ts'
import { incarnationNumber } from '../incarnation.ts'
import { damaged, storageFailed } from '../log/damage.ts'
import { TEMPORARY_SUFFIX } from '../log/format.ts'
import type { LogPlace } from '../log/recovery.ts'
import { readNewestSnapshot, removeOlderSnapshots } from '../log/snapshot-file.ts'
import { SnapshotFiles } from '../log/snapshot-files.ts'
import { requireContinuity } from '../replay.ts'
import type { RaftStorage, StorageIdentity, StoredSnapshot } from '../storage.ts'
import type { GroupHistory } from './group-history.ts'
import type { SharedLog } from './shared-log.ts'
import { isFull } from './shared-writer.ts'

/** A group that is open. */
interface OpenGroup {
  readonly shared: SharedLog
  readonly history: GroupHistory
  readonly place: LogPlace
  readonly snapshots: SnapshotFiles
}

/** One group's part of a shared log, and its snapshots, which are files in a directory of its own. */
export class GroupLog implements Required<RaftStorage> {
  readonly maxRecordBytes: number
  readonly #name: string
  readonly #shared: () => SharedLog | undefined
  #opening: Promise<StoredState> | undefined
  #open: OpenGroup | undefined
  #persisting: Promise<void> | undefined
  #failure: Error | undefined

  /** `shared` gives the log once it is open. */
  constructor(name: string, maxRecordBytes: number, shared: () => SharedLog | undefined) {
    this.#name = name
    this.maxRecordBytes = maxRecordBytes
    this.#shared = shared
  }

  async open(identity: StorageIdentity): Promise<StoredState> {
    if (this.#opening !== undefined || this.#open !== undefined) throw alreadyOpen(this.#name)
    this.#opening = this.#openGroup(identity)
    try {
      return await this.#opening
    } finally {
      this.#opening = undefined
    }
  }

  // Async, so that every refusal is a rejection.
  async persist(record: PersistRecord): Promise<void> {
    const { shared, history } = this.#requireOpen()
    if (this.#persisting !== undefined) {
      throw new RaftError('RAFT_INVARIANT_BROKEN', 'A record was persisted before the last one settled.')
    }
    this.#persisting = this.#persist(shared, history, record)
    try {
      await this.#persisting
    } finally {
      this.#persisting = undefined
    }
  }

  async #persist(shared: SharedLog, history: GroupHistory, record: PersistRecord): Promise<void> {
    try {
      if (this.#failure !== undefined) throw this.#failure
      requireContinuity(record, history.lastIndex)
      await shared.persist(history, record)
    } catch (error) {
      if (!isFull(error)) this.#failure ??= storageFailed(`Writing to ${shared.options.directory}`, error)
      throw error
    }
  }

  async saveSnapshot(meta: SnapshotMeta, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const { snapshots, place } = this.#requireOpen()
    if (snapshots.newestIndex === 0) await place.disk.makeDirectory(place.directory)
    await snapshots.save(meta, chunks)
  }

  async openSnapshot(): Promise<StoredSnapshot | undefined> {
    return await this.#requireOpen().snapshots.open()
  }

  async forgetLogBefore(index: LogIndex): Promise<void> {
    const { history, snapshots } = this.#requireOpen()
    if (index > snapshots.newestIndex + 1) {
      const problem = `no snapshot stands for what is before index ${index}; the newest ends at ${snapshots.newestIndex}`
      throw new RaftError('RAFT_INVARIANT_BROKEN', problem)
    }
    if (snapshots.newestIndex > 0) history.forgetBefore(index)
  }

  async close(): Promise<void> {
    // Whoever called `open` or `persist` hears of its failure; here it only matters that it is over.
    await this.#opening?.catch(() => undefined)
    const open = this.#open
    this.#open = undefined
    await this.#persisting?.catch(() => undefined)
    await open?.snapshots.close()
    if (open !== undefined) open.history.isOpen = false
  }

  async #openGroup(identity: StorageIdentity): Promise<StoredState> {
    const shared = this.#shared()
    if (shared === undefined) throw notOpen(this.#name)
    const asked = { ...canonicalIdentity(identity), voters: [] }
    const own = { ...shared.owner, group: this.#name, voters: [] }
    requireSameIdentity(own, asked, shared.options.directory)
    try {
      const history = await shared.group(this.#name, identity.voters)
      if (history.isOpen) throw alreadyOpen(this.#name)
      history.isOpen = true
      return await this.#take(shared, history)
    } catch (error) {
      throw storageFailed(`Opening group "${this.#name}" in ${shared.options.directory}`, error)
    }
  }

  async #take(shared: SharedLog, history: GroupHistory): Promise<StoredState> {
    try {
      const place = placeOf(shared, history)
      const snapshot = await readNewestSnapshot(place, await place.disk.list(place.directory))
      await removeLeftovers(place, snapshot?.meta.index ?? 0)
      const reading = history.reading ?? (await shared.read([history])).get(history.number)
      if (reading === undefined) throw notOpen(this.#name)
      history.reading = undefined
      const snapshotIndex = snapshot?.meta.index ?? 0
      history.lastIndex = reading.lastIndex ?? snapshotIndex
      const { term, vote, entries } = reading.state
      const firstIndex = reading.lastIndex === undefined ? snapshotIndex + 1 : reading.state.firstIndex
      if (firstIndex > snapshotIndex + 1) throw missingEntries(place, snapshotIndex, firstIndex)
      this.#failure = undefined
      this.#open = { shared, history, place, snapshots: new SnapshotFiles(place, snapshot) }
      const { founders, incarnation } = history.founding
      const known = { founders, incarnation: incarnationNumber(incarnation) }
      return { term, vote, firstIndex, entries, snapshot: snapshot?.meta, ...known }
    } catch (error) {
      history.isOpen = false
      throw error
    }
  }

  #requireOpen(): OpenGroup {
    if (this.#open === undefined) throw notOpen(this.#name)
    return this.#open
  }
}

/** Where a group's snapshots are. */
function placeOf({ place }: SharedLog, { number, founding }: GroupHistory): LogPlace {
  const directory = `${place.directory}/group-${number.toString(16).padStart(8, '0')}`
  return { ...place, directory, incarnation: founding.incarnation }
}

async function removeLeftovers(place: LogPlace, newest: number): Promise<void> {
  for (const name of await place.disk.list(place.directory)) {
    if (name.endsWith(TEMPORARY_SUFFIX)) await place.disk.remove(`${place.directory}/${name}`)
  }
  if (newest === 0) return
  // A process that was killed may have left the name in the cache only, and what is returned from here must last.
  await place.disk.syncDirectory(place.directory)
  await removeOlderSnapshots(place, newest)
}

function missingEntries({ directory }: LogPlace, snapshotIndex: number, firstIndex: number): Error {
  const stands = snapshotIndex === 0 ? 'there is no snapshot' : `the snapshot ends at index ${snapshotIndex}`
  const problem = `the group's log begins at index ${firstIndex}, and ${stands}`
  const lost = { fromIndex: snapshotIndex + 1, toIndex: firstIndex - 1 }
  return damaged({ file: directory, position: 0, problem, ...lost })
}

function alreadyOpen(name: string): RaftError {
  const problem = `The storage of group "${name}" is open already: one storage serves one member.`
  return new RaftError('RAFT_STORAGE_LOCKED', `${problem} Close that first.`)
}

function notOpen(name: string): RaftError {
  return new RaftError('RAFT_CLOSED', `The storage of group "${name}" is not open.`)
}
