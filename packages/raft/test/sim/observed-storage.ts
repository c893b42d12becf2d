import type { Entry, PersistRecord, RaftStorage, StorageIdentity, StoredState } from '../../src/index.ts'

/** What a storage has promised to keep, across every life of its node. */
export interface DurableLog {
  term: number
  vote: string
  entries: Entry[]
  /** A record that was being written, and of which a crash leaves all or nothing. */
  pending: PersistRecord | undefined
}

/** Is told what goes to and comes from a storage. */
export interface StorageObserver {
  recovered(state: StoredState): void
  persisting(record: PersistRecord): void
  /** The record that was being written is durable. */
  persisted(): void
}

/** Nothing, as on a new disk. */
export function emptyLog(): DurableLog {
  return { term: 0, vote: '', entries: [], pending: undefined }
}

/** What `kept` is once `record` is written. */
export function afterRecord(
  kept: Pick<DurableLog, 'entries'>,
  { term, vote, firstIndex, entries }: PersistRecord,
): Omit<DurableLog, 'pending'> {
  if (firstIndex === 0) return { term, vote, entries: kept.entries }
  return { term, vote, entries: [...kept.entries.slice(0, firstIndex - 1), ...entries] }
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
      durable.term = recovered.term
      durable.vote = recovered.vote
      durable.entries = [...recovered.entries]
      durable.pending = undefined
      return recovered
    },
    async persist(record: PersistRecord) {
      durable.pending = record
      observer.persisting(record)
      await below.persist(record)
      durable.pending = undefined
      durable.term = record.term
      durable.vote = record.vote
      if (record.firstIndex > 0) {
        durable.entries.length = record.firstIndex - 1
        for (const entry of record.entries) durable.entries.push(entry)
      }
      observer.persisted()
    },
    async close() {
      await below.close()
    },
  }
}
