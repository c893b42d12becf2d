import type { Entry, PersistRecord, RaftStorage, StorageIdentity, StoredState } from '../../src/index.ts'

/** What a storage has promised to keep, across every life of its node. */
export interface DurableLog {
  term: number
  vote: string
  entries: Entry[]
}

/** A storage that notes what the one below it has made durable, so that checks can compare promises with disks. */
export function observedStorage(
  below: RaftStorage,
  durable: DurableLog,
  check: (recovered: StoredState) => void,
): RaftStorage {
  return {
    async open(identity: StorageIdentity) {
      const recovered = await below.open(identity)
      check(recovered)
      durable.term = recovered.term
      durable.vote = recovered.vote
      durable.entries = [...recovered.entries]
      return recovered
    },
    async persist(record: PersistRecord) {
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
