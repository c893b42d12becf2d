import {
  type Clock,
  type Random,
  requireInteger,
  requireMethods,
  systemClock,
  systemRandom,
} from '@colony/host'
import type { Raft } from '@colony/raft'
import type { BackendOwner, Grant, GrantRequest, LockBackend, NotGranted } from '../backend.ts'
import { type DeadlockStep, LockError } from '../errors.ts'
import { invalidOption } from '../runtime/options.ts'
import type { ValueStore } from '../value-store.ts'
import { ClientSession } from './client-session.ts'
import type { WrittenOwner } from './command.ts'
import { propose } from './group.ts'
import { watchLeases } from './lease-watch.ts'
import type { LockStateMachine } from './lock-state-machine.ts'
import { type Asker, PendingLock, writtenTtl } from './pending-lock.ts'
import { raftValues } from './raft-values.ts'
import { type EndedBy, ReplicatedTable, type TableWatcher } from './replicated-table.ts'
import type { LeasedRequest, SessionRecord } from './session-record.ts'

/**
 * What {@link raftBackend} takes besides a node.
 * @category Raft
 */
export interface RaftBackendOptions {
  /**
   * How long the group keeps the places of this process in queues, and its locks with an infinite `ttl`, after the last sign of life, in milliseconds. 100 to 3 600 000.
   * Default: 10 000. Locks with a `ttl` of their own last as long as that.
   */
  readonly sessionTtl?: number
  /** How long one attempt may take, in milliseconds. 10 to 600 000. Default: 5 000. */
  readonly timeout?: number
  /** Monotonic time. Default: the system's. */
  readonly clock?: Clock
  /** For jitter. Default: the system's. */
  readonly random?: Random
}

/**
 * What locks in a group of `@colony/raft` can do: everything.
 * @category Raft
 */
export interface RaftCapabilities {
  /** The index of the granting entry in the log. */
  readonly fencing: true
  /** Readers and writers. */
  readonly shared: true
  /** Counting semaphores. */
  readonly semaphore: true
  /** Owners, whose deadlocks are found across processes. */
  readonly owners: true
  /** Versioned values. */
  readonly values: true
}

/**
 * Locks in a group of `@colony/raft` whose machine is a {@link lockTable}. Grants are linearizable, first come first served; an entry that closes a deadlock breaks it, alike
 * on every node. A lease is over when an entry says so, which the leader proposes after the whole of it by its own monotonic clock; a new leader lets all of them begin anew.
 *
 * Make one on every node that may lead, whether locks are taken there or not: whoever leads watches the leases. It does so until the node is closed, also when the
 * backend is closed before.
 * @throws A {@link LockError} with code `LOCK_INVALID_OPTION`.
 * @category Raft
 */
export function raftBackend(
  raft: Raft<LockStateMachine>,
  options: RaftBackendOptions = {},
): LockBackend<RaftCapabilities> & {
  /** Where optimistic updates read and write. */
  readonly values: ValueStore
} {
  requireMethods(invalidOption, 'raft', raft, ['propose', 'read', 'onLeadership'])
  const { sessionTtl = 10_000, timeout = 5000, clock = systemClock, random = systemRandom() } = options
  return new RaftBackend(raft, {
    sessionTtlMs: requireInteger(invalidOption, 'sessionTtl', sessionTtl, 100, 3_600_000),
    timeoutMs: requireInteger(invalidOption, 'timeout', timeout, 10, 600_000),
    clock: requireMethods(invalidOption, 'clock', clock, ['now', 'after', 'afterInput']),
    random: requireMethods(invalidOption, 'random', random, ['float', 'integer', 'fork']),
  })
}

/** What the group knows an owner by. */
interface KnownOwner {
  readonly key: string
  since: number | undefined
}

class RaftBackend implements LockBackend<RaftCapabilities>, Asker, TableWatcher {
  readonly name = 'raft'
  readonly capabilities: RaftCapabilities = {
    fencing: true,
    shared: true,
    semaphore: true,
    owners: true,
    values: true,
  }
  readonly values: ValueStore
  readonly raft: Raft<LockStateMachine>
  readonly clock: Clock
  readonly random: Random
  readonly sessionTtlMs: number
  readonly timeoutMs: number
  readonly #table: Promise<ReplicatedTable>
  /** Those that have requests, and the one for new requests. */
  readonly #sessions = new Map<number, ClientSession>()
  #current: ClientSession | undefined
  #opening: Promise<ClientSession> | undefined
  readonly #owners = new WeakMap<BackendOwner, KnownOwner>()
  #lastOwner = 0
  #closed = false

  constructor(
    raft: Raft<LockStateMachine>,
    options: Required<Omit<RaftBackendOptions, 'sessionTtl' | 'timeout'>> & {
      readonly sessionTtlMs: number
      readonly timeoutMs: number
    },
  ) {
    this.raft = raft
    this.clock = options.clock
    this.random = options.random
    this.sessionTtlMs = options.sessionTtlMs
    this.timeoutMs = options.timeoutMs
    this.#table = this.#attach()
    // Whoever asks for something hears of it.
    this.#table.catch(() => {})
    this.values = raftValues(this, () => this.#table)
  }

  async acquire(request: GrantRequest): Promise<Grant | NotGranted> {
    await this.#table
    if (this.#closed) throw closed()
    return await new Promise((resolve, reject) => new PendingLock(this, request, resolve, reject).start())
  }

  async extend(grant: Grant, ttlMs: number): Promise<number | undefined> {
    const lock = grant as PendingLock
    const startedAt = await lock.extend(writtenTtl(ttlMs))
    if (startedAt === undefined) lock.over()
    return startedAt
  }

  async release(grant: Grant): Promise<boolean> {
    const lock = grant as PendingLock
    const { session, number, isHeld } = lock
    lock.over()
    return isHeld && session !== undefined ? await session.end(number) : false
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const idle = [...this.#sessions.values()].filter(({ members }) => members.size === 0)
    await Promise.all(idle.map((session) => this.#leave(session)))
  }

  async session(): Promise<ClientSession> {
    if (this.#closed) throw closed()
    if (this.#current?.isAlive === true) return this.#current
    this.#opening ??= this.#open()
    return await this.#opening
  }

  ownerOf({ owner }: GrantRequest, session: ClientSession): WrittenOwner | undefined {
    if (owner === undefined) return undefined
    let known = this.#owners.get(owner)
    if (known === undefined) {
      known = { key: `${session.id}/${++this.#lastOwner}`, since: undefined }
      this.#owners.set(owner, known)
    }
    const { key, since } = known
    const { name, priority } = owner
    return { key, name, priority, ...(since !== undefined && { since }) }
  }

  noteAge({ owner }: GrantRequest, since: number): void {
    const known = owner && this.#owners.get(owner)
    if (known) known.since ??= since
  }

  granted({ session, number, token }: LeasedRequest): void {
    this.#sessions.get(session.id)?.members.get(number)?.granted(token)
  }

  ended({ session, number }: LeasedRequest, by: EndedBy, cycle: readonly DeadlockStep[]): void {
    this.#sessions.get(session.id)?.members.get(number)?.ended(by, cycle)
  }

  sessionEnded({ id }: SessionRecord): void {
    this.#sessions.get(id)?.lose()
  }

  /** What happened between is not told: whatever is not there any more is gone. */
  restored(table: ReplicatedTable): void {
    for (const session of [...this.#sessions.values()]) {
      if (table.index < session.id) continue
      for (const [number, member] of [...session.members]) {
        member.restored(table.find(session.id, number), table.index)
      }
      if (!table.isOpen(session.id)) session.lose()
    }
  }

  async #attach(): Promise<ReplicatedTable> {
    const { value } = await this.raft.read((machine: unknown) => machine, { consistency: 'local' })
    if (!(value instanceof ReplicatedTable)) {
      throw new LockError('LOCK_INVALID_OPTION', 'the machine of the raft node must be a lockTable()')
    }
    value.watch(this)
    watchLeases(this.raft, value, this.clock)
    return value
  }

  async #open(): Promise<ClientSession> {
    const openedAt = this.clock.now()
    try {
      const command = { op: 'open', node: this.raft.id, ttlMs: this.sessionTtlMs } as const
      const { answer } = await propose(this, command)
      if (answer.is !== 'open') throw new Error(`the lock table answered '${answer.is}' to a new session`)
      const session = new ClientSession(answer.session, openedAt, this, this.#onIdle)
      if (this.#current?.members.size === 0) this.#sessions.delete(this.#current.id)
      this.#current = session
      this.#sessions.set(session.id, session)
      return session
    } finally {
      this.#opening = undefined
    }
  }

  readonly #onIdle = (session: ClientSession): void => {
    if (this.#closed) void this.#leave(session)
    else if (session !== this.#current) this.#sessions.delete(session.id)
  }

  async #leave(session: ClientSession): Promise<void> {
    if (!this.#sessions.delete(session.id)) return
    try {
      await session.leave()
    } catch {
      // Then its lease ends by itself.
    }
  }
}

function closed(): LockError {
  return new LockError('LOCK_CLOSED', 'this backend was closed')
}
