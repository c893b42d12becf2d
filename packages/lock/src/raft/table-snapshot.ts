import type { LockTable } from '../core/lock-table.ts'
import type { TableRequest } from '../core/table-request.ts'
import { readClaim, writeClaim, type WrittenClaim } from './command.ts'
import { LeasedRequest, OwnerRecord, SessionRecord } from './session-record.ts'

/** Everything that a replica knows. */
export interface TableState {
  readonly table: LockTable
  /** The last id that was given to a request or an owner. */
  lastId: number
  readonly sessions: Map<number, SessionRecord>
  readonly owners: Map<string, OwnerRecord>
  readonly values: Map<string, { readonly text: string; readonly version: number }>
}

/**
 * A line of a snapshot: JSON, its kind first. Sessions come before their requests, owners before those, and keys after all of them; what is ordered (queues, holders, what
 * an owner has) is written in its order, since later choices depend on it.
 */
type Line =
  | readonly ['table', { index: number; lastId: number; lastToken: number }]
  | readonly ['session', WrittenSession]
  | readonly ['owner', { id: number; key: string; name: string; priority: number; requests: number[] }]
  | readonly ['request', WrittenRequest]
  | readonly ['key', string, holders: number[], queue: number[]]
  | readonly ['value', string, text: string, version: number]

interface WrittenSession {
  readonly id: number
  readonly node: string
  readonly ttlMs: number
  readonly open: boolean
  readonly version: number
  readonly oldest: number
  readonly ended: readonly number[]
}

interface WrittenRequest {
  readonly id: number
  readonly session: number
  readonly number: number
  readonly owner: string | undefined
  readonly claims: readonly WrittenClaim[]
  readonly ttlMs: number
  readonly state: 'waiting' | 'held'
  readonly token: number
  readonly version: number
}

/** Characters that make a chunk worth sending. */
const CHUNK_LENGTH = 65_536

/** The state of this moment, in chunks: it is copied before the first one, since it changes while the others are written. */
export function writeSnapshot(state: TableState, index: number): Iterable<Uint8Array> {
  return encode([...linesOf(state, index)])
}

function* encode(lines: readonly Line[]): Iterable<Uint8Array> {
  const encoder = new TextEncoder()
  let text = ''
  for (const line of lines) {
    text += `${JSON.stringify(line)}\n`
    if (text.length < CHUNK_LENGTH) continue
    yield encoder.encode(text)
    text = ''
  }
  if (text !== '') yield encoder.encode(text)
}

function* linesOf(state: TableState, index: number): Iterable<Line> {
  yield ['table', { index, lastId: state.lastId, lastToken: state.table.lastToken }]
  for (const { id, node, ttlMs, open, version, oldest, ended } of state.sessions.values()) {
    yield ['session', { id, node, ttlMs, open, version, oldest, ended: [...ended] }]
  }
  for (const { id, key, name, priority, requests } of state.owners.values()) {
    yield ['owner', { id, key, name, priority, requests: idsOf(requests) }]
  }
  for (const session of state.sessions.values()) {
    for (const request of session.requests.values()) yield ['request', written(request)]
  }
  for (const [key, { holders, queue }] of state.table.keys()) {
    yield [
      'key',
      key,
      idsOf(holders.map(({ request }) => request)),
      idsOf(queue.map(({ request }) => request)),
    ]
  }
  for (const [key, { text, version }] of state.values) yield ['value', key, text, version]
}

function idsOf(requests: Iterable<TableRequest>): number[] {
  return Array.from(requests, ({ id }) => id)
}

function written(request: LeasedRequest): WrittenRequest {
  const { id, session, number, owner, claims, ttlMs, state, token, version } = request
  return {
    ...{ id, session: session.id, number, owner: owner?.key, claims: claims.map(writeClaim), ttlMs, token },
    ...{ state: state === 'held' ? 'held' : 'waiting', version },
  }
}

/** Fills an empty state; resolves with the index of the last entry that is in it. */
export async function readSnapshot(chunks: AsyncIterable<Uint8Array>, into: TableState): Promise<number> {
  const reader = new SnapshotReader(into)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) reader.take(JSON.parse(line) as Line)
  }
  if (rest !== '' || decoder.decode() !== '') throw new Error('the snapshot of the lock table is cut off')
  return reader.finish()
}

class SnapshotReader {
  readonly #state: TableState
  readonly #requests = new Map<number, LeasedRequest>()
  readonly #ownedBy: { owner: OwnerRecord; requests: readonly number[] }[] = []
  #index = -1

  constructor(state: TableState) {
    this.#state = state
  }

  take(line: Line): void {
    switch (line[0]) {
      case 'table':
        this.#index = line[1].index
        this.#state.lastId = line[1].lastId
        this.#state.table.raiseToken(line[1].lastToken)
        return
      case 'session':
        this.#takeSession(line[1])
        return
      case 'owner': {
        const { id, key, name, priority, requests } = line[1]
        const owner = new OwnerRecord(id, key, name, priority)
        this.#state.owners.set(key, owner)
        this.#ownedBy.push({ owner, requests })
        return
      }
      case 'request':
        this.#takeRequest(line[1])
        return
      case 'key':
        this.#state.table.adopt(line[1], this.#requestsOf(line[2]), this.#requestsOf(line[3]))
        return
      case 'value':
        this.#state.values.set(line[1], { text: line[2], version: line[3] })
    }
  }

  finish(): number {
    if (this.#index < 0) throw new Error('the snapshot of the lock table has no beginning')
    for (const { owner, requests } of this.#ownedBy) {
      for (const request of this.#requestsOf(requests)) owner.requests.add(request)
    }
    return this.#index
  }

  #takeSession({ id, node, ttlMs, open, version, oldest, ended }: WrittenSession): void {
    const session = new SessionRecord(id, node, ttlMs)
    Object.assign(session, { open, version, oldest })
    for (const number of ended) session.ended.add(number)
    this.#state.sessions.set(id, session)
  }

  #takeRequest(from: WrittenRequest): void {
    const session = this.#state.sessions.get(from.session)
    if (session === undefined) throw new Error(`request ${from.id} of no session`)
    const owner = from.owner === undefined ? undefined : this.#state.owners.get(from.owner)
    const { number, ttlMs, state, token, version } = from
    const claims = from.claims.map(readClaim)
    const request = new LeasedRequest(from.id, session, { number, claims, ttlMs }, owner)
    Object.assign(request, { state, token, version })
    session.requests.set(number, request)
    this.#requests.set(request.id, request)
  }

  #requestsOf(ids: readonly number[]): LeasedRequest[] {
    return ids.map((id) => {
      const request = this.#requests.get(id)
      if (request === undefined) throw new Error(`there is no request ${id}`)
      return request
    })
  }
}
