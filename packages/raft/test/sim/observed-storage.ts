import type { Entry, PersistRecord, RaftStorage, StorageIdentity, StoredState } from '../../src/index.ts'

/** What a storage has promised to keep, across every life of its node. */
export interface DurableLog {
  term: number
  vote: string
  entries: Entry[]
}

/** Is told what goes to and comes from a storage. */
export interface StorageObserver {
  recovered(state: StoredState): void
  persisting(record: PersistRecord): void
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
      return recovered
    },
    async persist(record: PersistRecord) {
      observer.persisting(record)
      await below.persist(record)
      durable.term = record.term
      durable.vote = record.vote
      if (record.firstIndex === 0) return
      durable.entries.length = record.firstIndex - 1
      durable.entries.push(...record.entries)
    },
    async close() {
      await below.close()
    },
  }
}
