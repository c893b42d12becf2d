import { crc32 } from '@colony/host'
import { TestingError } from '../../errors.ts'
import type { CaseSpec } from '../conformance-case.ts'
import { expectEqual } from '../expectations.ts'
import type {
  LogEntry,
  LogOwner,
  LogRecord,
  LogStore,
  StorageAbility,
  StoragePlace,
} from './storage-factory.ts'

/** A case of the suite. */
export type StorageCase = CaseSpec<StorageBench, StorageAbility>

/** Longer contents are told apart by their checksum. */
const SHOWN_BYTES = 200

/** Whose data it is, unless a case is about that. */
export const OWNER: LogOwner = { clusterId: 'bank', group: 'main', nodeId: 'a', voters: ['a', 'b', 'c'] }

/** What a storage holds before anything was persisted. */
export const NOTHING: LogRecord = { term: 0, vote: '', firstIndex: 1, entries: [] }

/** One place for storages, and what nearly every case does there. */
export class StorageBench {
  readonly #place: StoragePlace
  readonly #made: LogStore[] = []

  constructor(place: StoragePlace) {
    this.#place = place
  }

  /** The storage of a new process, not open. */
  async make(): Promise<LogStore> {
    const store = await this.#place.storage()
    this.#made.push(store)
    return store
  }

  /** The storage of a new process, open under the usual owner. */
  async opened(): Promise<LogStore> {
    const store = await this.make()
    await store.open(OWNER)
    return store
  }

  /** Throws unless a new process finds `expected`; lets go of it again. */
  async expectStored(expected: LogRecord, what: string): Promise<void> {
    const found = await this.stored()
    expectEqual(plain(found), plain(expected), what)
  }

  /** What a new process finds. */
  async stored(): Promise<LogRecord> {
    const store = await this.make()
    const found = await store.open(OWNER)
    await store.close()
    return found
  }

  /** Cuts the power. */
  async crash(): Promise<void> {
    this.#made.length = 0
    await required(this.#place.crash, 'crash').call(this.#place)
  }

  /** Makes the next write fail. */
  async failNext(): Promise<void> {
    await required(this.#place.failNext, 'failNext').call(this.#place)
  }

  /** Damages the first record. */
  async damage(): Promise<void> {
    await required(this.#place.damage, 'damage').call(this.#place)
  }

  /** Lets go of everything. */
  async tidyUp(): Promise<void> {
    await Promise.allSettled(this.#made.map(async (store) => await store.close()))
  }
}

/** An entry whose bytes are the letters of `content`. */
export function entry(term: number, content: string, kind: LogEntry['kind'] = 'command'): LogEntry {
  const data = new Uint8Array(content.length)
  for (let at = 0; at < data.length; at++) data[at] = content.charCodeAt(at)
  return { term, kind, data }
}

/** A record with entries of one term. */
export function append(term: number, firstIndex: number, ...contents: readonly string[]): LogRecord {
  return { term, vote: '', firstIndex, entries: contents.map((content) => entry(term, content)) }
}

/** As plain data that can be compared and shown. */
export function plain(record: LogRecord): unknown {
  const entries = record.entries.map(({ term, kind, data }) => [term, kind, contentOf(data)])
  return { term: record.term, vote: record.vote, firstIndex: record.firstIndex, entries }
}

function contentOf(data: Uint8Array): string {
  if (data.length > SHOWN_BYTES) return `${data.length} bytes with CRC-32 ${crc32(data)}`
  return String.fromCharCode(...data)
}

function required<Method>(method: Method | undefined, name: string): Method {
  if (method !== undefined) return method
  throw new TestingError(
    'TESTING_INVALID_OPTION',
    `a place needs ${name}() for an ability that the factory claims`,
  )
}
