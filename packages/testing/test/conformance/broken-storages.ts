import type { LogEntry, LogOwner, LogRecord, LogStore, StorageFactory } from '../../src/conformance/index.ts'
import {
  after,
  type Platter,
  raftError,
  REFERENCE,
  referencePlace,
  ReferenceStore,
} from './reference-storage.ts'

/** What is done instead of what a sound storage does. */
type Fault = (inner: ReferenceStore, platter: Platter) => Partial<LogStore>

/** Changes every entry on its way to the storage. */
function entries(change: (entry: LogEntry) => LogEntry): Fault {
  return (inner) => ({
    persist: (record) => inner.persist({ ...record, entries: record.entries.map(change) }),
  })
}

/** Does something else with the errors of `open` that have a code. */
function onRefusal(
  inner: ReferenceStore,
  code: string,
  act: (error: unknown) => LogRecord,
): Partial<LogStore> {
  return {
    open: (owner) =>
      inner.open(owner).catch((error: unknown) => {
        if ((error as { code: string }).code === code) return act(error)
        throw error
      }),
  }
}

/** The name of a case, and what breaks the clause of exactly that case. */
export const BROKEN_STORAGES: Readonly<Record<string, Fault>> = {
  'a fresh storage holds nothing': (inner, platter) => ({
    open: async (owner) => {
      const isFresh = platter.owner === undefined
      const found = await inner.open(owner)
      return isFresh ? { ...found, term: 1 } : found
    },
  }),
  'data of another cluster, group or node is refused': (inner) => ({
    open: (owner) => inner.open({ ...owner, group: '' }),
  }),
  'the founders of the first time are given back, whoever is named later': (inner) => ({
    open: async (owner) => ({ ...(await inner.open(owner)), founders: owner.voters }),
  }),
  'the refusal of foreign data says so': (inner) =>
    onRefusal(inner, 'RAFT_STORAGE_FOREIGN', () => {
      throw new Error('not yours')
    }),
  'a refused open leaves everything to its owner': (inner, platter) =>
    onRefusal(inner, 'RAFT_STORAGE_FOREIGN', (error) => {
      platter.log = { ...platter.log, entries: [] }
      throw error as Error
    }),
  'a storage is open once at a time': (inner, platter) => ({
    open: async (owner) => (platter.holder === inner ? platter.log : await inner.open(owner)),
  }),
  'a second process is refused while the first one is there': (inner, platter) => ({
    open: (owner) => {
      if (platter.holder !== inner) platter.holder = undefined
      return inner.open(owner)
    },
  }),
  'acknowledged data that is damaged is not passed over': (inner, platter) =>
    onRefusal(inner, 'RAFT_STORAGE_DAMAGED', () => ({ ...platter.log, entries: [] })),
  'a storage that was let go of can be opened by the same object and by another': (inner) => {
    let wasOpen = false
    return {
      open: async (owner) => {
        if (wasOpen && inner.platter.holder === undefined) throw raftError('RAFT_CLOSED')
        wasOpen = true
        return await inner.open(owner)
      },
    }
  },
  'closing again, or before opening, does nothing': (inner, platter) => {
    let wasOpen = false
    return {
      open: async (owner: LogOwner) => {
        const found = await inner.open(owner)
        wasOpen = true
        return found
      },
      close: async () => {
        if (wasOpen && platter.holder === undefined) throw raftError('RAFT_CLOSED')
        await inner.close()
      },
    }
  },
  'entries are appended, replaced and cut as records say': (inner) => ({
    persist: (record) => inner.persist(record.entries.length > 0 ? record : { ...record, firstIndex: 0 }),
  }),
  'a record with firstIndex 0 changes term and vote alone': (inner) => ({
    persist: (record) => inner.persist(record.firstIndex === 0 ? { ...record, firstIndex: 1 } : record),
  }),
  'a vote comes back, whatever characters it has, until it is withdrawn': (inner) => ({
    persist: (record) => inner.persist({ ...record, vote: record.vote.replace(/[^\x20-\x7e]/g, '?') }),
  }),
  'entries of every kind and size come back byte by byte': entries((entry) =>
    entry.kind === 'configuration' ? { ...entry, kind: 'noop' } : entry,
  ),
  'the largest terms that the types allow come back': entries((entry) => ({
    ...entry,
    term: entry.term >>> 0,
  })),
  'many records come back as one log': (inner, platter) => ({
    persist: async (record) => {
      await inner.persist(record)
      if (platter.log.entries.length > 100)
        platter.log = { ...platter.log, entries: platter.log.entries.slice(-100) }
    },
  }),
  "what open returned is the caller's own": (inner, platter) => ({
    open: async (owner) => {
      const { founders } = await inner.open(owner)
      return { ...platter.log, ...(founders && { founders }) }
    },
  }),
  'a record above maxRecordBytes is not taken, and one below is': () => ({ maxRecordBytes: 1000 }),
  'after a write failed nothing is taken until the storage is opened anew': (inner) => ({
    persist: (record) => {
      inner.hasFailed = false
      return inner.persist(record)
    },
  }),
  'what was persisted survives a crash': (inner, platter) => ({
    persist: async (record) => {
      const { durableLog } = platter
      await inner.persist(record)
      // Large records are left to the cache.
      if (record.entries.some(({ data }) => data.length > 5000)) platter.durableLog = durableLog
    },
  }),
  'whose storage it is survives a crash right after the first open': (inner, platter) => ({
    open: async (owner) => {
      const { durableOwner } = platter
      const found = await inner.open(owner)
      platter.durableOwner = durableOwner
      return found
    },
    persist: async (record) => {
      platter.durableOwner = platter.owner
      await inner.persist(record)
    },
  }),
  'of a record that a crash interrupted, all is there or nothing': (inner, platter) => ({
    persist: async (record) => {
      const { term, vote } = record
      const half = { term, vote, firstIndex: 0, entries: [] }
      if (record.entries.length > 1) platter.durableLog = after(platter.durableLog, half)
      await inner.persist(record)
    },
  }),
}

/** Every storage has the fault. */
export function brokenStorages(fault: Fault): StorageFactory {
  return {
    ...REFERENCE,
    place: () =>
      referencePlace((platter) => {
        const inner = new ReferenceStore(platter)
        const methods = fault(inner, platter)
        return {
          maxRecordBytes: methods.maxRecordBytes ?? inner.maxRecordBytes,
          open: methods.open ?? (async (owner) => await inner.open(owner)),
          persist: methods.persist ?? (async (record) => await inner.persist(record)),
          close: methods.close ?? (async () => await inner.close()),
        }
      }),
  }
}
