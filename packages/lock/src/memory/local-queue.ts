import { type Clock, requireMethods, systemClock } from '@colony/host'
import type { Capabilities, Grant, GrantRequest, LockBackend, NotGranted } from '../backend.ts'
import type { DeadlockStep, LostBecause } from '../errors.ts'
import { Deadline, Deadlines } from '../runtime/deadlines.ts'
import { invalidOption } from '../runtime/options.ts'
import type { ValueStore } from '../value-store.ts'
import { memoryBackend } from './memory-backend.ts'

/**
 * What {@link localQueue} takes besides a backend.
 * @category Backends
 */
export interface LocalQueueOptions {
  /** Time: that of the locks. Default: the system's. */
  readonly clock?: Clock
}

/**
 * What a backend can do behind a {@link localQueue}.
 * @category Backends
 */
export interface LocallyQueued<C extends Capabilities> extends Capabilities {
  /** As the backend. */
  readonly fencing: C['fencing']
  /** As the backend. */
  readonly shared: C['shared']
  /** As the backend. */
  readonly semaphore: C['semaphore']
  /** Owners of this process, whose deadlocks are found. */
  readonly owners: true
  /** As the backend. */
  readonly values: C['values']
  /** Victims chosen by a function. */
  readonly choosesVictims: true
}

/**
 * What a backend needs for a {@link localQueue} in front of it.
 * @category Backends
 */
export interface Ownerless extends Capabilities {
  /** No owners of its own. */
  readonly owners: false
}

/**
 * A queue of this process in front of a backend: whoever wants a key waits here first, first come first served, and of all that want it alone one asks the backend. So a process
 * contends once, however many of its tasks want the same; and its tasks may be owners, whose deadlocks are found at once. Deadlocks with owners of other
 * processes are not: let those end by `wait`.
 *
 * A lock is given back to the backend before the next task asks for it: other processes have their turns.
 * @throws A `LockError` with code `LOCK_INVALID_OPTION` for a backend that has owners of its own: it queues by itself.
 * @category Backends
 */
export function localQueue<C extends Ownerless>(
  backend: LockBackend<C>,
  options: LocalQueueOptions = {},
): LockBackend<LocallyQueued<C>> {
  requireMethods(invalidOption, 'backend', backend, ['acquire', 'extend', 'release', 'close'])
  const given: Capabilities = backend.capabilities
  if (given.owners) throw invalidOption(`the backend '${backend.name}' has owners of its own`)
  return new LocalQueue<C>(backend, options.clock ?? systemClock)
}

class LocalQueue<C extends Capabilities> implements LockBackend<LocallyQueued<C>> {
  readonly name: string
  readonly capabilities: LocallyQueued<C>
  readonly driftRate: number
  readonly values?: ValueStore
  readonly #clock: Clock
  readonly #backend: LockBackend
  readonly #front: LockBackend
  readonly #deadlines: Deadlines

  constructor(backend: LockBackend<C>, clock: Clock) {
    const { name, capabilities, driftRate = 0.01, values } = backend
    this.name = name
    this.capabilities = { ...capabilities, owners: true, choosesVictims: true }
    this.driftRate = driftRate
    if (values !== undefined) this.values = values
    this.#clock = clock
    this.#backend = backend
    this.#front = memoryBackend({ clock })
    this.#deadlines = new Deadlines(clock)
  }

  async acquire(request: GrantRequest): Promise<Grant | NotGranted> {
    const until = this.#clock.now() + request.waitMs
    const turn = new Turn(request, (ended) => this.#end(ended))
    const wounded = (_: LostBecause, cycle: readonly DeadlockStep[] = []): void => this.#wound(turn, cycle)
    const local = await this.#front.acquire({
      ...request,
      ttlMs: Number.POSITIVE_INFINITY,
      lost: wounded,
    })
    if ('refused' in local) return local
    turn.local = local
    try {
      const waitMs = Math.max(0, until - this.#clock.now())
      // It may have had to give way since it was granted.
      turn.signal?.throwIfAborted()
      return this.#answered(turn, await this.#backend.acquire(this.#forward(turn, waitMs)))
    } catch (error) {
      this.#end(turn)
      if (turn.cycle === undefined) throw error
      return { refused: 'deadlock', cycle: turn.cycle }
    }
  }

  async extend(grant: Grant, ttlMs: number): Promise<number | undefined> {
    const turn = grant as Turn
    if (turn.isOver || turn.grant === undefined) return undefined
    const startedAt = await this.#backend.extend(turn.grant, ttlMs)
    if (startedAt === undefined) this.#end(turn)
    if (startedAt === undefined || turn.isOver) return undefined
    this.#endAfter(turn, startedAt, ttlMs)
    return startedAt
  }

  async release(grant: Grant): Promise<boolean> {
    const turn = grant as Turn
    if (turn.isOver || turn.grant === undefined) return false
    turn.isReleased = true
    try {
      return await this.#backend.release(turn.grant)
    } finally {
      // Only now: the next one's request must not overtake it.
      this.#end(turn)
    }
  }

  async close(): Promise<void> {
    await this.#front.close()
    await this.#backend.close()
  }

  /** What the backend is asked for in the turn. */
  #forward(turn: Turn, waitMs: number): GrantRequest {
    const { claims, ttlMs } = turn.asked
    return {
      ...{ claims, ttlMs, waitMs, signal: turn.signal },
      ...{ owner: undefined, victim: undefined, waitDie: false },
      lost: (because) => {
        this.#end(turn)
        if (!turn.isReleased) turn.asked.lost(because)
      },
    }
  }

  #answered(turn: Turn, answer: Grant | NotGranted): Grant | NotGranted {
    const { cycle } = turn
    if (cycle !== undefined) {
      // Its owner was chosen to give way while it was granted.
      if (!('refused' in answer)) void this.#giveBack(answer)
      return { refused: 'deadlock', cycle }
    }
    if ('refused' in answer) {
      this.#end(turn)
      return answer
    }
    turn.grant = answer
    this.#endAfter(turn, answer.startedAt, turn.asked.ttlMs)
    return turn
  }

  /** The next one's turn comes when the lease is over at the latest. */
  #endAfter(turn: Turn, startedAt: number, ttlMs: number): void {
    this.#deadlines.remove(turn)
    if (ttlMs !== Number.POSITIVE_INFINITY && !turn.isOver) this.#deadlines.add(turn, startedAt, ttlMs)
  }

  #end(turn: Turn): void {
    if (turn.isOver) return
    turn.isOver = true
    this.#deadlines.remove(turn)
    if (turn.local !== undefined) void this.#front.release(turn.local)
  }

  /** Its owner was chosen to give way, and the queue has forgotten it. */
  #wound(turn: Turn, cycle: readonly DeadlockStep[]): void {
    turn.cycle = cycle
    this.#end(turn)
    if (turn.grant === undefined) return turn.aborter?.abort()
    turn.asked.lost('wounded', cycle)
    void this.#giveBack(turn.grant)
  }

  async #giveBack(grant: Grant): Promise<void> {
    try {
      await this.#backend.release(grant)
    } catch {
      // Its lease ends by itself.
    }
  }
}

/** One request's turn, from the head of the local queue to the end of its lock; to the locks it is the grant. */
class Turn extends Deadline implements Grant {
  readonly asked: GrantRequest
  /** Ends the waiting at the backend when the owner has to give way. */
  readonly aborter: AbortController | undefined
  readonly signal: AbortSignal | undefined
  readonly #over: (turn: Turn) => void
  local: Grant | undefined
  grant: Grant | undefined
  cycle: readonly DeadlockStep[] | undefined
  isReleased = false
  isOver = false

  constructor(asked: GrantRequest, over: (turn: Turn) => void) {
    super()
    this.asked = asked
    this.#over = over
    // Without an owner nobody has to give way: it has nothing that others wait for while it waits.
    this.aborter = asked.owner === undefined ? undefined : new AbortController()
    this.signal = either(asked.signal, this.aborter?.signal)
  }

  get startedAt(): number {
    return this.grant?.startedAt ?? 0
  }

  get token(): number | bigint {
    return this.grant?.token ?? 0
  }

  due(): void {
    this.#over(this)
  }
}

function either(one: AbortSignal | undefined, other: AbortSignal | undefined): AbortSignal | undefined {
  return one === undefined || other === undefined ? (one ?? other) : AbortSignal.any([one, other])
}
