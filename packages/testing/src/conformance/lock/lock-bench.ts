import { type Clock, systemClock } from '@colony/host'
import { requireRange, TestingError } from '../../errors.ts'
import type { CaseSpec } from '../conformance-case.ts'
import { Mismatch } from '../conformance-error.ts'
import { expectEqual, expectTrue } from '../expectations.ts'
import type { LockAbility, LockFactory, LockPlace } from './lock-factory.ts'
import type {
  LockClaim,
  LockGrant,
  LockKeeper,
  LockLoss,
  LockParty,
  LockRefusal,
  LockRequest,
  LockValues,
} from './lock-shape.ts'

/** A case of the suite. */
export type LockCase = CaseSpec<LockBench, LockAbility>

/** What a case asks for; everything else is the usual: a mutex for a long time, no waiting. */
export interface Wanted {
  readonly ttlMs?: number
  readonly waitMs?: number
  readonly signal?: AbortSignal
  readonly owner?: LockParty
  readonly lost?: (because: LockLoss) => void
}

/** A lease that ends in no case. */
const LONG_MS = 60_000
const DEFAULT_DEADLINE_MS = 4000
const DEFAULT_LEASE_MS = 300

/** Backends of several processes on the same locks, and what nearly every case does with them. */
export class LockBench {
  readonly clock: Clock
  readonly supports: readonly LockAbility[]
  readonly deadlineMs: number
  readonly leaseMs: number
  readonly #place: LockPlace
  readonly #made = new Set<LockKeeper>()

  constructor(factory: LockFactory, place: LockPlace) {
    const { deadlineMs = DEFAULT_DEADLINE_MS, leaseMs = DEFAULT_LEASE_MS } = factory
    this.supports = factory.supports
    this.deadlineMs = requireRange('deadlineMs', deadlineMs, 1, 1e9)
    this.leaseMs = requireRange('leaseMs', leaseMs, 10, 1e6)
    this.clock = place.clock ?? systemClock
    this.#place = place
  }

  /** The backend of one more process. */
  async make(): Promise<LockKeeper> {
    const backend = await this.#place.backend()
    this.#made.add(backend)
    return backend
  }

  /** The backends of two processes. */
  async pair(): Promise<readonly [LockKeeper, LockKeeper]> {
    return [await this.make(), await this.make()]
  }

  /** Asks, and returns what comes within the deadline. */
  async ask(
    backend: LockKeeper,
    claims: readonly LockClaim[] | string,
    wanted: Wanted = {},
  ): Promise<LockGrant | LockRefusal> {
    return await this.within(async () => await backend.acquire(requestOf(claims, wanted)), 'an answer')
  }

  /** Asks for what can be had. */
  async get(
    backend: LockKeeper,
    claims: readonly LockClaim[] | string,
    wanted: Wanted = {},
  ): Promise<LockGrant> {
    const answer = await this.ask(backend, claims, wanted)
    if (!('refused' in answer)) return answer
    const keys = typeof claims === 'string' ? claims : claims.map(({ key }) => key).join(', ')
    throw new Mismatch(`'${keys}' can be had, and was refused: ${answer.refused}`, 'a grant', answer.refused)
  }

  /** Throws unless whoever does not wait is refused. */
  async expectBusy(backend: LockKeeper, claims: readonly LockClaim[] | string, what: string): Promise<void> {
    const answer = await this.ask(backend, claims)
    expectEqual('refused' in answer ? answer.refused : 'granted', 'busy', what)
  }

  /** Throws unless a key can be had, at once or soon (what was given back may still be on its way); gives it back. */
  async expectFree(backend: LockKeeper, claims: readonly LockClaim[] | string): Promise<void> {
    await backend.release(await this.get(backend, claims, { waitMs: this.deadlineMs / 2 }))
  }

  /** What `work` comes to, if it does so within the deadline. */
  async within<Value>(work: () => Promise<Value>, what: string): Promise<Value> {
    let timer: Disposable | undefined
    const late = new Promise<never>((_resolve, reject) => {
      const told = `${what} did not come within ${this.deadlineMs} ms`
      timer = this.clock.after(this.deadlineMs, () => reject(new Mismatch(told)))
    })
    try {
      return await Promise.race([work(), late])
    } finally {
      timer?.[Symbol.dispose]()
    }
  }

  /** Lets time pass. */
  async sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => void this.clock.after(ms, resolve))
  }

  /** The values of a backend that has them. */
  async values(): Promise<LockValues> {
    const { values } = await this.make()
    expectTrue(values !== undefined, "a backend with the capability 'values' has them")
    return values
  }

  /** Takes the locks of a backend away. */
  async takeAway(backend: LockKeeper): Promise<void> {
    const { takeAway } = this.#place
    if (takeAway === undefined)
      throw new TestingError('TESTING_INVALID_OPTION', "the ability 'loss' needs a place with takeAway()")
    await takeAway.call(this.#place, backend)
  }

  /** Closes what was made. */
  async tidyUp(): Promise<void> {
    await Promise.allSettled([...this.#made].map(async (backend) => await backend.close()))
  }
}

/** A claim of a whole key. */
export function mutex(key: string): LockClaim {
  return { key, shared: false, permits: 1, limit: 1 }
}

/** A request as a caller that does everything right makes it. */
export function requestOf(claims: readonly LockClaim[] | string, wanted: Wanted): LockRequest {
  return {
    claims: typeof claims === 'string' ? [mutex(claims)] : claims,
    ttlMs: wanted.ttlMs ?? LONG_MS,
    waitMs: wanted.waitMs ?? 0,
    signal: wanted.signal,
    owner: wanted.owner,
    victim: wanted.owner === undefined ? undefined : 'requester',
    waitDie: false,
    lost: wanted.lost ?? ((): void => undefined),
  }
}
