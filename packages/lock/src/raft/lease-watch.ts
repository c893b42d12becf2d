import type { Clock } from '@colony/host'
import type { Raft } from '@colony/raft'
import { Deadline, Deadlines } from '../runtime/deadlines.ts'
import type { ExpireCommand } from './command.ts'
import type { LockStateMachine } from './lock-state-machine.ts'
import type { ReplicatedTable, TableWatcher } from './replicated-table.ts'
import type { LeasedRequest, SessionRecord } from './session-record.ts'

/** When a proposal that a lease is over has failed, it is made again after this, in milliseconds. */
const RETRY_MS = 500

const watched = new WeakSet<ReplicatedTable>()

/**
 * Lets this node watch the leases of all locks and sessions whenever it leads: it proposes that one is over when it has seen the whole of it go by on its own monotonic
 * clock. What went by under an earlier leader does not count, and what this one proposes is void under a later one. Once for each table.
 */
export function watchLeases(raft: Raft<LockStateMachine>, table: ReplicatedTable, clock: Clock): void {
  if (watched.has(table)) return
  watched.add(table)
  raft.onLeadership((term, signal) => {
    if (signal.aborted) return
    const watch = new LeaseWatch(raft, table, clock, term)
    signal.addEventListener('abort', () => watch.stop(), { once: true })
  })
}

/** One leadership. */
class LeaseWatch implements TableWatcher {
  readonly #raft: Raft<LockStateMachine>
  readonly #table: ReplicatedTable
  readonly #clock: Clock
  readonly #term: number
  readonly #deadlines: Deadlines
  readonly #locks = new Map<LeasedRequest, LockLease>()
  readonly #sessions = new Map<SessionRecord, SessionLease>()
  #stopped = false
  #telling = false

  constructor(raft: Raft<LockStateMachine>, table: ReplicatedTable, clock: Clock, term: number) {
    this.#raft = raft
    this.#table = table
    this.#clock = clock
    this.#term = term
    this.#deadlines = new Deadlines(clock)
    table.watch(this)
    this.#beginAll()
  }

  stop(): void {
    this.#stopped = true
    this.#table.unwatch(this)
    this.#forgetAll()
  }

  leased(request: LeasedRequest): void {
    let lease = this.#locks.get(request)
    if (lease === undefined) this.#locks.set(request, (lease = new LockLease(request, this.#onDue)))
    this.#deadlines.remove(lease)
    if (request.ttlMs > 0) this.#deadlines.add(lease, this.#clock.now(), request.ttlMs)
  }

  granted(request: LeasedRequest): void {
    this.#tell(request)
  }

  ended(request: LeasedRequest, by: string): void {
    const lease = this.#locks.get(request)
    if (lease !== undefined) this.#deadlines.remove(lease)
    this.#locks.delete(request)
    if (by !== 'release') this.#tell(request)
  }

  renewed(session: SessionRecord): void {
    const lease = this.#sessions.get(session)
    if (lease !== undefined) lease.renewedAt = this.#clock.now()
    else this.#beginSession(session)
  }

  sessionEnded(session: SessionRecord): void {
    const lease = this.#sessions.get(session)
    if (lease !== undefined) this.#deadlines.remove(lease)
    this.#sessions.delete(session)
  }

  restored(): void {
    this.#forgetAll()
    this.#beginAll()
  }

  /** Nobody knows how much of their leases has gone by: they get new ones. */
  #beginAll(): void {
    for (const session of this.#table.sessions) {
      if (session.open) this.#beginSession(session)
      for (const request of session.requests.values()) if (request.state === 'held') this.leased(request)
    }
  }

  #beginSession(session: SessionRecord): void {
    const now = this.#clock.now()
    const lease = new SessionLease(session, now, this.#onSessionDue)
    this.#sessions.set(session, lease)
    this.#deadlines.add(lease, now, session.ttlMs)
  }

  #forgetAll(): void {
    for (const lease of this.#locks.values()) this.#deadlines.remove(lease)
    for (const lease of this.#sessions.values()) this.#deadlines.remove(lease)
    this.#locks.clear()
    this.#sessions.clear()
  }

  readonly #onDue = (lease: LockLease): void => {
    const { session, number, version } = lease.request
    this.#expire(lease, { session: session.id, number, version })
  }

  /** Sessions give signs of life more often than their leases end: their deadlines are not moved by each, but looked at when they are due. */
  readonly #onSessionDue = (lease: SessionLease): void => {
    const { session, renewedAt } = lease
    if (renewedAt + session.ttlMs > this.#clock.now()) this.#deadlines.add(lease, renewedAt, session.ttlMs)
    else this.#expire(lease, { session: session.id, version: session.version })
  }

  #expire(
    lease: LockLease | SessionLease,
    what: Pick<ExpireCommand, 'session' | 'number' | 'version'>,
  ): void {
    // What extends it may be here already, unread: but by its own clock its holder has given it up before.
    const command: ExpireCommand = { op: 'expire', term: this.#term, ...what }
    this.#raft.propose(command).then(
      () => this.#lookAgain(lease),
      () => this.#lookAgain(lease),
    )
  }

  /** A lease that is there still has begun anew, or its end was not written down: then there has to be another attempt. */
  #lookAgain(lease: LockLease | SessionLease): void {
    const isKnown =
      lease instanceof LockLease ? this.#locks.has(lease.request) : this.#sessions.has(lease.session)
    if (!this.#stopped && isKnown && lease.row === undefined) {
      this.#deadlines.add(lease, this.#clock.now(), RETRY_MS)
    }
  }

  /**
   * The followers hear of what is committed with the next heartbeat. Where one of them has somebody who waits for it that is too late: a read makes the leader send one
   * now.
   */
  #tell(request: LeasedRequest): void {
    if (this.#telling || request.session.node === this.#raft.id) return
    this.#telling = true
    this.#clock.afterInput(() => {
      this.#telling = false
      if (this.#stopped) return
      // A read that fails was a heartbeat all the same, or there is another leader, who tells.
      this.#raft.read(nothing).catch(nothing)
    })
  }
}

class LockLease extends Deadline {
  readonly request: LeasedRequest
  readonly #due: (lease: LockLease) => void

  constructor(request: LeasedRequest, due: (lease: LockLease) => void) {
    super()
    this.request = request
    this.#due = due
  }

  due(): void {
    this.#due(this)
  }
}

class SessionLease extends Deadline {
  readonly session: SessionRecord
  renewedAt: number
  readonly #due: (lease: SessionLease) => void

  constructor(session: SessionRecord, renewedAt: number, due: (lease: SessionLease) => void) {
    super()
    this.session = session
    this.renewedAt = renewedAt
    this.#due = due
  }

  due(): void {
    this.#due(this)
  }
}

function nothing(): void {}
