import { ColonyError } from '@colony/host'
import type {
  LogOwner,
  LogRecord,
  LogStore,
  StorageFactory,
  StoragePlace,
} from '../../src/conformance/index.ts'

const EMPTY: LogRecord = { term: 0, vote: '', firstIndex: 1, entries: [] }
const MAX_RECORD_BYTES = 65_536

/** What outlives the storages of one place: what programs see, and what is durable. */
export class Platter {
  log: LogRecord = EMPTY
  durableLog: LogRecord = EMPTY
  owner: string | undefined
  founders: readonly string[] | undefined
  durableOwner: string | undefined
  holder: ReferenceStore | undefined
  failsNext = false
  isDamaged = false
  /** A crash begins the next. */
  life = 1

  crash(): void {
    this.life += 1
    this.holder = undefined
    this.log = this.durableLog
    this.owner = this.durableOwner
  }
}

/** The least that keeps every promise, in memory: for faults to be put into. */
export class ReferenceStore implements LogStore {
  readonly maxRecordBytes = MAX_RECORD_BYTES
  readonly platter: Platter
  hasFailed = false

  constructor(platter: Platter) {
    this.platter = platter
  }

  async open(owner: LogOwner): Promise<LogRecord> {
    const { platter } = this
    const name = JSON.stringify([owner.clusterId, owner.group, owner.nodeId])
    if (platter.holder !== undefined) throw raftError('RAFT_STORAGE_LOCKED')
    if ((platter.owner ?? name) !== name) throw raftError('RAFT_STORAGE_FOREIGN')
    if (platter.isDamaged) throw raftError('RAFT_STORAGE_DAMAGED')
    platter.holder = this
    this.hasFailed = false
    platter.owner = platter.durableOwner = name
    platter.founders ??= owner.voters
    return { ...platter.log, entries: [...platter.log.entries], founders: platter.founders }
  }

  async persist(record: LogRecord): Promise<void> {
    const { platter } = this
    const { life } = platter
    if (platter.holder !== this || this.hasFailed) throw raftError('RAFT_STORAGE_FAILED')
    const bytes = record.entries.reduce((sum, { data }) => sum + data.length, 0)
    if (platter.failsNext || bytes > MAX_RECORD_BYTES) {
      this.hasFailed = true
      platter.failsNext = false
      throw raftError('RAFT_STORAGE_FAILED')
    }
    for (let turn = 0; turn < 5; turn++) await Promise.resolve()
    if (platter.life === life) platter.log = platter.durableLog = after(platter.log, record)
  }

  async close(): Promise<void> {
    if (this.platter.holder === this) this.platter.holder = undefined
  }
}

/** Storages of one place, and how to get at what is below them. */
export function referencePlace(
  make: (platter: Platter) => LogStore = (platter) => new ReferenceStore(platter),
): StoragePlace {
  const platter = new Platter()
  return {
    storage: () => make(platter),
    crash: () => platter.crash(),
    failNext: () => {
      platter.failsNext = true
    },
    damage: () => {
      platter.isDamaged = true
    },
  }
}

/** Sound storages with every ability. */
export const REFERENCE: StorageFactory = {
  supports: ['crash', 'lock', 'failure', 'damage', 'limit'],
  place: () => referencePlace(),
}

/** The log after a record. */
export function after(log: LogRecord, { term, vote, firstIndex, entries }: LogRecord): LogRecord {
  const kept = firstIndex === 0 ? log.entries : log.entries.slice(0, firstIndex - 1)
  return { term, vote, firstIndex: 1, entries: [...kept, ...entries] }
}

/** An error with a code of raft's. */
export function raftError(code: string): ColonyError {
  return new ColonyError(code, 'refused')
}
