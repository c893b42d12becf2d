import type { LogEnd, SnapshotMeta } from '../../src/core/entry.ts'
import { isEarlierEnd } from '../../src/core/log-end.ts'
import {
  type Entry,
  type LogIndex,
  type PersistRecord,
  RaftError,
  type RaftStorage,
  type StorageIdentity,
  type StoredState,
} from '../../src/index.ts'

/** What a storage has promised to keep, across every life of its node. */
export interface DurableLog {
  term: number
  vote: string
  /** Index of the first of `entries`. */
  firstIndex: LogIndex
  entries: Entry[]
  /** Last index of the newest snapshot; 0 for none. */
  snapshot: LogIndex
  /** What was there before damage took entries that the node has not got again: it elects nobody who lacks them. */
  lost: { readonly end: LogEnd; readonly before: KeptLog } | undefined
  /** The log as it was before, for as long as nothing was written in its place: what stands behind the damage is of use again once a snapshot stands for all before it. */
  behind: KeptLog | undefined
  /** A record that was being written, and of which a crash leaves all or nothing. */
  pending: PersistRecord | undefined
}

/** What of it makes up the log. */
export type KeptLog = Pick<DurableLog, 'term' | 'vote' | 'firstIndex' | 'entries'>

/** Is told what goes to and comes from a storage. */
export interface StorageObserver {
  recovered(state: StoredState): void
  persisting(record: PersistRecord): void
  /** The record that was being written is durable. */
  persisted(): void
  /** The disk is full, and nothing of the record was written. */
  refused(): void
  /** A snapshot is about to be written. */
  saving(meta: SnapshotMeta): void
  /** It is durable; its bytes. */
  saved(meta: SnapshotMeta, content: Uint8Array): void
}

/** Nothing, as on a new disk. */
export function emptyLog(): DurableLog {
  const log = { term: 0, vote: '', firstIndex: 1, entries: [], snapshot: 0 }
  return { ...log, lost: undefined, behind: undefined, pending: undefined }
}

/** Index of the last entry; of the one before the first when there is none. */
export function lastOf({ firstIndex, entries }: KeptLog): LogIndex {
  return firstIndex - 1 + entries.length
}

/** The entry at `index`. */
export function entryOf({ firstIndex, entries }: KeptLog, index: LogIndex): Entry | undefined {
  return entries[index - firstIndex]
}

/** Whether what stands at `index` is on the disk: as itself, as a part of a snapshot, or as something that was lost and by which the node stands all the same. */
export function hasOnDisk(log: DurableLog, index: LogIndex, is: (entry: Entry) => boolean): boolean {
  const entry = entryOf(log, index) ?? (log.lost && entryOf(log.lost.before, index))
  return entry === undefined ? index <= log.snapshot : is(entry)
}

/** What `kept` is once `record` is written. */
export function afterRecord(kept: KeptLog, record: PersistRecord): KeptLog {
  const { term, vote, firstIndex, entries } = record
  if (firstIndex === 0) return { ...kept, term, vote }
  if (record.replacesLog === true) return { term, vote, firstIndex, entries: [...entries] }
  const before = kept.entries.slice(0, Math.max(0, firstIndex - kept.firstIndex))
  return {
    term,
    vote,
    firstIndex: Math.min(kept.firstIndex, firstIndex),
    entries: [...before, ...entries],
  }
}

/** A storage that notes what the one below it has made durable, so that checks can compare promises with disks. */
export function observedStorage(
  below: RaftStorage,
  durable: DurableLog,
  observer: StorageObserver,
): RaftStorage {
  return {
    async open(identity: StorageIdentity) {
      const recovered = await below.open(identity)
      observer.recovered(recovered)
      durable.lost = lostOf(durable, recovered)
      durable.behind = durable.lost && (durable.behind ?? durable.lost.before)
      durable.term = recovered.term
      durable.vote = recovered.vote
      durable.firstIndex = recovered.firstIndex
      durable.entries = [...recovered.entries]
      durable.snapshot = recovered.snapshot?.index ?? 0
      durable.pending = undefined
      return recovered
    },
    async persist(record: PersistRecord) {
      durable.pending = record
      observer.persisting(record)
      await below.persist(record).catch((error: unknown) => {
        if (error instanceof RaftError && error.code === 'RAFT_STORAGE_FULL') {
          durable.pending = undefined
          observer.refused()
        }
        throw error
      })
      durable.pending = undefined
      note(durable, record)
      observer.persisted()
    },
    ...observedSnapshots(below, durable, observer),
    async close() {
      await below.close()
    },
  }
}

/** What counts as lost after a start: with entries that were lost before, and are not here again. */
function lostOf(durable: DurableLog, { lost }: StoredState): DurableLog['lost'] {
  if (lost === undefined) return undefined
  const { firstIndex, entries, term, vote } = durable
  const earlier = durable.lost?.before.entries.slice(lastOf(durable) + 1 - durable.lost.before.firstIndex)
  return { end: lost, before: { firstIndex, term, vote, entries: [...entries, ...(earlier ?? [])] } }
}

/** In place, because a log that is written thousands of times must not be copied as often. */
function note(durable: DurableLog, record: PersistRecord): void {
  const { term, vote, firstIndex, entries } = record
  durable.term = term
  durable.vote = vote
  if (firstIndex === 0) return
  durable.behind = undefined
  if (record.replacesLog === true || firstIndex < durable.firstIndex) durable.firstIndex = firstIndex
  durable.entries.length = record.replacesLog === true ? 0 : firstIndex - durable.firstIndex
  for (const entry of entries) durable.entries.push(entry)
  const end = { index: lastOf(durable), term: durable.entries.at(-1)?.term ?? 0 }
  if (durable.lost !== undefined && !isEarlierEnd(end, durable.lost.end)) durable.lost = undefined
}

function observedSnapshots(
  below: RaftStorage,
  durable: DurableLog,
  observer: StorageObserver,
): Pick<RaftStorage, 'saveSnapshot' | 'openSnapshot' | 'forgetLogBefore'> {
  return {
    async saveSnapshot(meta, chunks) {
      const parts: Uint8Array[] = []
      observer.saving(meta)
      await below.saveSnapshot?.(meta, copied(chunks, parts))
      durable.snapshot = meta.index
      observer.saved(meta, Buffer.concat(parts))
    },
    openSnapshot: async () => await below.openSnapshot?.(),
    forgetLogBefore: async (index) => await below.forgetLogBefore?.(index),
  }
}

async function* copied(
  chunks: AsyncIterable<Uint8Array>,
  parts: Uint8Array[],
): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of chunks) {
    parts.push(chunk.slice())
    yield chunk
  }
}
