import { LockTable, type TableListener } from '../core/lock-table.ts'
import type { Party, TableRequest } from '../core/table-request.ts'
import type { CycleStep } from '../core/wait-graph.ts'
import type { DeadlockStep } from '../errors.ts'
import { type Answer, type AskCommand, type Command, readClaim, type WrittenOwner } from './command.ts'
import { LeasedRequest, OwnerRecord, SessionRecord } from './session-record.ts'
import { readSnapshot, type TableState, writeSnapshot } from './table-snapshot.ts'

/** Why a request is not in the table any more. */
export type EndedBy = 'release' | 'expiry' | 'session' | 'deadlock'

/** Is told on its node what the entries come to as they are applied there. Must not throw, and changes nothing. */
export interface TableWatcher {
  /** A lease of a lock has begun: by the grant or by an extension. */
  leased?(request: LeasedRequest): void
  /** A request that waited is a lock now. */
  granted?(request: LeasedRequest): void
  /** A request is not in the table any more. */
  ended?(request: LeasedRequest, by: EndedBy, cycle: readonly DeadlockStep[]): void
  /** A session has shown that it lives. */
  renewed?(session: SessionRecord): void
  /** A session is over; so is all that it had without a lease of its own. */
  sessionEnded?(session: SessionRecord): void
  /** Everything may be different: a snapshot has taken the place of whatever was there. */
  restored?(table: ReplicatedTable): void
}

/** Where in the log a command stands. */
interface Place {
  readonly index: number
  readonly term: number
}

/**
 * The lock table with sessions and leases, as a deterministic function of the log. An entry's index names what it begins (sessions, leases, versions of values) and is the
 * fencing token of what it grants; where it grants several locks, the later ones count on from there.
 */
export class ReplicatedTable implements TableListener {
  #state: TableState = emptyState(this)
  #place: Place = { index: 0, term: 0 }
  readonly #watchers = new Set<TableWatcher>()

  /** The last entry that has been applied. */
  get index(): number {
    return this.#place.index
  }

  /** All sessions with their requests. */
  get sessions(): Iterable<SessionRecord> {
    return this.#state.sessions.values()
  }

  /** A request that waits or holds. */
  find(session: number, number: number): LeasedRequest | undefined {
    return this.#state.sessions.get(session)?.requests.get(number)
  }

  /** Whether the session's lease has not ended. */
  isOpen(session: number): boolean {
    return this.#state.sessions.get(session)?.open === true
  }

  /** The newest value of a key. */
  value(key: string): { readonly text: string; readonly version: number } | undefined {
    return this.#state.values.get(key)
  }

  /** Tells `watcher` what happens from now on. */
  watch(watcher: TableWatcher): void {
    this.#watchers.add(watcher)
  }

  /** Tells it no more. */
  unwatch(watcher: TableWatcher): void {
    this.#watchers.delete(watcher)
  }

  apply(command: Command, place: Place): Answer {
    this.#place = place
    // Grants of this entry have its index for their token.
    this.#state.table.raiseToken(place.index - 1)
    switch (command.op) {
      case 'ask':
        return this.#ask(command)
      case 'end':
        return this.#end(command.session, command.number)
      case 'extend':
        return this.#extend(command.session, command.number, command.ttlMs)
      case 'renew':
        return this.#renew(command.session, command.ended)
      case 'expire':
        return this.#expire(command.term, command.session, command.number, command.version)
      case 'open':
        return this.#open(command.node, command.ttlMs)
      case 'leave':
        return this.#leave(command.session)
      case 'write':
        return this.#write(command.key, command.expected, command.text)
      default:
        return { is: 'unknown' }
    }
  }

  snapshot(): Iterable<Uint8Array> {
    return writeSnapshot(this.#state, this.#place.index)
  }

  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const state = emptyState(this)
    const index = await readSnapshot(chunks, state)
    this.#state = state
    this.#place = { index, term: 0 }
    for (const watcher of this.#watchers) watcher.restored?.(this)
  }

  granted(request: TableRequest): void {
    const leased = request as LeasedRequest
    leased.version = this.#place.index
    for (const watcher of this.#watchers) {
      watcher.leased?.(leased)
      watcher.granted?.(leased)
    }
  }

  broken(request: TableRequest, cycle: readonly CycleStep[]): void {
    this.#forget(request as LeasedRequest, 'deadlock', told(cycle))
  }

  #open(node: string, ttlMs: number): Answer {
    const session = new SessionRecord(this.#place.index, node, ttlMs)
    this.#state.sessions.set(session.id, session)
    for (const watcher of this.#watchers) watcher.renewed?.(session)
    return { is: 'open', session: session.id }
  }

  #renew(id: number, ended: readonly number[]): Answer {
    const session = this.#touch(id)
    if (session === undefined) return GONE
    for (const number of ended) this.#end(id, number)
    return DONE
  }

  #leave(id: number): Answer {
    const session = this.#touch(id)
    if (session === undefined) return GONE
    this.#endSession(session)
    return DONE
  }

  #ask(command: AskCommand): Answer {
    const session = this.#touch(command.session)
    if (session === undefined) return GONE
    session.forgetBefore(command.oldest)
    const known = session.requests.get(command.number)
    if (known !== undefined) return standing(known)
    if (session.isLate(command.number)) return GONE
    const owner = command.owner && this.#ownerOf(command.owner)
    const claims = command.claims.map(readClaim)
    const { number, ttlMs } = command
    const request = new LeasedRequest(++this.#state.lastId, session, { number, claims, ttlMs }, owner)
    const { table } = this.#state
    const answer = table.request(request, {
      mayWait: command.wait,
      ...(command.victim !== undefined && { victim: command.victim }),
      waitDie: command.waitDie === true,
    })
    if (answer === 'held') this.#hold(request)
    else if (answer === 'waiting') session.requests.set(number, request)
    else this.#forgetOwner(owner)
    const since = owner === undefined ? {} : { since: owner.id }
    if (answer === 'held') return { is: 'held', token: request.token, ...since }
    if (answer === 'waiting') return { is: 'waiting', ...since }
    if (answer === 'deadlock') return { is: 'deadlock', cycle: told(table.cycle), ...since }
    return answer === 'refused' ? { is: 'busy' } : { is: answer, key: claims[0]?.key ?? '' }
  }

  #hold(request: LeasedRequest): void {
    request.session.requests.set(request.number, request)
    request.version = this.#place.index
    for (const watcher of this.#watchers) watcher.leased?.(request)
  }

  #extend(id: number, number: number, ttlMs: number): Answer {
    const session = this.#touch(id) ?? this.#state.sessions.get(id)
    const request = session?.requests.get(number)
    if (request?.state !== 'held' || (ttlMs === 0 && session?.open !== true)) return GONE
    request.ttlMs = ttlMs
    this.#hold(request)
    return DONE
  }

  #end(id: number, number: number): Answer {
    const session = this.#touch(id) ?? this.#state.sessions.get(id)
    session?.noteEnd(number)
    const request = session?.requests.get(number)
    if (request === undefined) return GONE
    const wasHeld = request.state === 'held'
    this.#remove(request, 'release')
    return wasHeld ? DONE : GONE
  }

  #expire(term: number, id: number, number: number | undefined, version: number): Answer {
    const session = this.#state.sessions.get(id)
    if (session === undefined || term !== this.#place.term) return GONE
    if (number === undefined) {
      if (session.version !== version || !session.open) return GONE
      this.#endSession(session)
      return DONE
    }
    const request = session.requests.get(number)
    if (request?.state !== 'held' || request.version !== version) return GONE
    this.#remove(request, 'expiry')
    return DONE
  }

  #write(key: string, expected: number, text: string | undefined): Answer {
    const { values } = this.#state
    if ((values.get(key)?.version ?? 0) !== expected) return GONE
    if (text === undefined) values.delete(key)
    else values.set(key, { text, version: this.#place.index })
    return DONE
  }

  /** The session, if its lease has not ended; it begins anew. */
  #touch(id: number): SessionRecord | undefined {
    const session = this.#state.sessions.get(id)
    if (session?.open !== true) return undefined
    session.version = this.#place.index
    for (const watcher of this.#watchers) watcher.renewed?.(session)
    return session
  }

  /** Waiters go, and locks that last as long as the session; locks with leases of their own stay until those are over. */
  #endSession(session: SessionRecord): void {
    session.open = false
    const requests = [...session.requests.values()]
    const waiting = requests.filter(({ state }) => state === 'waiting')
    const held = requests.filter(({ state, ttlMs }) => state === 'held' && ttlMs === 0)
    // One of the waiters may be given what another one leaves: it ends all the same.
    for (const request of [...waiting, ...held]) this.#remove(request, 'session')
    this.#forgetSession(session)
    for (const watcher of this.#watchers) watcher.sessionEnded?.(session)
  }

  #remove(request: LeasedRequest, by: EndedBy): void {
    // First what it was, then what comes of it: the next holder is told after the last one.
    this.#forget(request, by, [])
    this.#state.table.end(request)
    this.#forgetOwner(request.owner)
  }

  #forget(request: LeasedRequest, by: EndedBy, cycle: readonly DeadlockStep[]): void {
    request.session.requests.delete(request.number)
    this.#forgetOwner(request.owner)
    this.#forgetSession(request.session)
    for (const watcher of this.#watchers) watcher.ended?.(request, by, cycle)
  }

  #forgetSession(session: SessionRecord): void {
    if (!session.open && session.requests.size === 0) this.#state.sessions.delete(session.id)
  }

  #forgetOwner(owner: OwnerRecord | undefined): void {
    if (owner?.requests.size === 0) this.#state.owners.delete(owner.key)
  }

  #ownerOf({ key, name, priority, since }: WrittenOwner): OwnerRecord {
    const { owners } = this.#state
    let owner = owners.get(key)
    if (owner === undefined) {
      owner = new OwnerRecord(since ?? ++this.#state.lastId, key, name, priority)
      owners.set(key, owner)
    }
    return owner
  }
}

const DONE: Answer = { is: 'done' }
const GONE: Answer = { is: 'gone' }

function emptyState(listener: TableListener): TableState {
  return {
    table: new LockTable(listener),
    lastId: 0,
    sessions: new Map(),
    owners: new Map(),
    values: new Map(),
  }
}

/** A request that comes again is answered as it stands now. */
function standing(request: LeasedRequest): Answer {
  const since = request.owner === undefined ? {} : { since: request.owner.id }
  return request.state === 'held'
    ? { is: 'held', token: request.token, ...since }
    : { is: 'waiting', ...since }
}

function told(cycle: readonly CycleStep[]): readonly DeadlockStep[] {
  return cycle.map(({ party, waitsFor }) => ({ owner: nameOf(party), waitsFor }))
}

function nameOf(party: Party): string | undefined {
  return party instanceof OwnerRecord ? party.name : undefined
}
