import { type Clock, systemClock } from '@colony/host'
import type { BackendOwner, Grant, GrantRequest, LockBackend, NotGranted } from '../backend.ts'
import { LockTable, type TableListener } from '../core/lock-table.ts'
import type { Party, TableOwner, TableRequest } from '../core/table-request.ts'
import type { CycleStep } from '../core/wait-graph.ts'
import { heldBy, priorityOf, type VictimChooser } from '../core/victim.ts'
import type { DeadlockStep, VictimChoice } from '../errors.ts'
import { Deadline, Deadlines } from '../runtime/deadlines.ts'
import type { ValueStore } from '../value-store.ts'
import { MemoryValues } from './memory-values.ts'

/**
 * What {@link memoryBackend} takes.
 * @category Backends
 */
export interface MemoryBackendOptions {
  /** Time. Default: the system's. */
  readonly clock?: Clock
}

/**
 * What locks in memory can do: everything.
 * @category Backends
 */
export interface MemoryCapabilities {
  /** Tokens that grow with every grant. */
  readonly fencing: true
  /** Readers and writers. */
  readonly shared: true
  /** Counting semaphores. */
  readonly semaphore: true
  /** Owners, whose deadlocks are found. */
  readonly owners: true
  /** Values for optimistic updates. */
  readonly values: true
  /** Victims chosen by a function. */
  readonly choosesVictims: true
}

/**
 * Locks of one process: exclusion among its asynchronous tasks. First come first served, deadlocks are found the moment they come about, tokens grow with every
 * grant. All `Locks` that are made of one backend share its keys. What it cannot do is survive the process, or know of another one.
 * @category Backends
 */
export function memoryBackend(options: MemoryBackendOptions = {}): LockBackend<MemoryCapabilities> {
  return new MemoryBackend(options.clock ?? systemClock)
}

const BUSY: NotGranted = { refused: 'busy' }

class MemoryBackend implements LockBackend<MemoryCapabilities>, TableListener {
  readonly name = 'memory'
  readonly capabilities: MemoryCapabilities = {
    fencing: true,
    shared: true,
    semaphore: true,
    owners: true,
    values: true,
    choosesVictims: true,
  }
  readonly driftRate = 0
  readonly values: ValueStore = new MemoryValues()
  readonly #clock: Clock
  readonly #deadlines: Deadlines
  readonly #table = new LockTable(this)
  readonly #owners = new WeakMap<BackendOwner, TableOwner>()
  readonly #names = new WeakMap<TableOwner, string>()
  #lastId = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#deadlines = new Deadlines(clock)
  }

  acquire(request: GrantRequest): Grant | NotGranted | Promise<Grant | NotGranted> {
    const owner = request.owner === undefined ? undefined : this.#ownerOf(request.owner)
    const lease = new Lease(++this.#lastId, owner, request, this.#expire)
    const { waitMs, waitDie, chooseVictim } = request
    const victim = chooseVictim === undefined ? (request.victim ?? 'youngest') : this.#choosing(chooseVictim)
    const answer = this.#table.request(lease, { mayWait: waitMs > 0, victim, waitDie })
    if (answer === 'held') return this.#begin(lease)
    if (answer === 'waiting') return this.#wait(lease, request)
    if (answer === 'refused') return BUSY
    if (answer === 'deadlock') return { refused: 'deadlock', cycle: this.#told(this.#table.cycle) }
    return { refused: answer, key: request.claims[0]?.key ?? '' }
  }

  extend(grant: Grant, ttlMs: number): number | undefined {
    const lease = grant as Lease
    if (lease.state !== 'held') return undefined
    const now = this.#clock.now()
    this.#deadlines.remove(lease)
    if (ttlMs !== Number.POSITIVE_INFINITY) this.#deadlines.add(lease, now, ttlMs)
    return now
  }

  release(grant: Grant): boolean {
    const lease = grant as Lease
    const wasHeld = lease.state === 'held'
    this.#deadlines.remove(lease)
    this.#table.end(lease)
    return wasHeld
  }

  async close(): Promise<void> {
    // Locks end with whoever holds them, timers with the locks.
  }

  granted(request: TableRequest): void {
    const lease = request as Lease
    lease.settle(this.#begin(lease))
  }

  broken(request: TableRequest, cycle: readonly CycleStep[]): void {
    const lease = request as Lease
    const steps = this.#told(cycle)
    this.#deadlines.remove(lease)
    if (lease.startedAt >= 0) lease.asked.lost('wounded', steps)
    else lease.settle({ refused: 'deadlock', cycle: steps })
  }

  #begin(lease: Lease): Lease {
    lease.startedAt = this.#clock.now()
    const { ttlMs } = lease.asked
    if (ttlMs !== Number.POSITIVE_INFINITY) this.#deadlines.add(lease, lease.startedAt, ttlMs)
    return lease
  }

  #wait(lease: Lease, { waitMs, signal }: GrantRequest): Promise<Grant | NotGranted> {
    return new Promise((resolve, reject) => {
      const timer =
        waitMs === Number.POSITIVE_INFINITY ? undefined : this.#clock.after(waitMs, () => giveUp(BUSY))
      const giveUp = (answer: NotGranted): void => {
        this.#table.end(lease)
        lease.settle(answer)
      }
      const onAbort = (): void => {
        this.#table.end(lease)
        reject(signal?.reason)
        lease.settle(BUSY)
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      lease.settle = (answer) => {
        timer?.[Symbol.dispose]()
        signal?.removeEventListener('abort', onAbort)
        resolve(answer)
      }
      if (signal?.aborted === true) onAbort()
    })
  }

  readonly #expire = (lease: Lease): void => {
    this.#table.end(lease)
    lease.asked.lost('expired')
  }

  #ownerOf(owner: BackendOwner): TableOwner {
    let known = this.#owners.get(owner)
    if (known === undefined) {
      known = { id: ++this.#lastId, priority: owner.priority, requests: new Set() }
      this.#owners.set(owner, known)
      this.#names.set(known, owner.name)
    }
    return known
  }

  #told(cycle: readonly CycleStep[]): readonly DeadlockStep[] {
    return cycle.map(({ party, waitsFor }) => ({ owner: this.#nameOf(party), waitsFor }))
  }

  /** What users choose from are descriptions, in the order of the cycle. */
  #choosing(choose: VictimChoice): VictimChooser {
    return (cycle) => {
      const parties = cycle.map(({ party, waitsFor }) => {
        return { owner: this.#nameOf(party), waitsFor, priority: priorityOf(party), locks: heldBy(party) }
      })
      return cycle[parties.indexOf(choose(parties) as (typeof parties)[number])]?.party
    }
  }

  #nameOf(party: Party): string | undefined {
    return 'requests' in party ? this.#names.get(party) : undefined
  }
}

/** A request, the lock that comes of it, and the deadline of that: one object, since there are millions a second. */
class Lease extends Deadline implements TableRequest, Grant {
  readonly id: number
  readonly owner: TableOwner | undefined
  readonly claims: GrantRequest['claims']
  readonly asked: GrantRequest
  readonly #expired: (lease: Lease) => void
  state: TableRequest['state'] = 'new'
  token = 0
  /** Below zero: not granted yet. */
  startedAt = -1
  settle: (answer: Grant | NotGranted) => void = ignore

  constructor(
    id: number,
    owner: TableOwner | undefined,
    asked: GrantRequest,
    expired: (lease: Lease) => void,
  ) {
    super()
    this.id = id
    this.owner = owner
    this.claims = asked.claims
    this.asked = asked
    this.#expired = expired
  }

  due(): void {
    this.#expired(this)
  }
}

function ignore(): void {}
