import type { Clock } from '@colony/host'
import { createWorld } from '../../src/index.ts'
import type {
  LockClaim,
  LockFactory,
  LockGrant,
  LockKeeper,
  LockRefusal,
  LockRequest,
  LockValues,
} from '../../src/conformance/index.ts'

/** One request, and the lock that comes of it. */
interface Lease extends LockGrant {
  readonly request: LockRequest
  /** The process that asked. */
  readonly keeper: object
  startedAt: number
  token: number
  timer: Disposable | undefined
  settle: (answer: LockGrant | LockRefusal) => void
}

/** Locks as short as they can be: every rule of the interface, and no thought of speed. */
class ReferenceLocks {
  readonly #clock: Clock
  readonly #held = new Set<Lease>()
  #waiting: Lease[] = []
  #lastToken = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  acquire(keeper: object, request: LockRequest): LockGrant | LockRefusal | Promise<LockGrant | LockRefusal> {
    const lease: Lease = {
      request,
      keeper,
      startedAt: 0,
      token: 0,
      timer: undefined,
      settle: () => undefined,
    }
    const refused = this.#refusal(lease)
    if (refused !== undefined) return { refused }
    if (!this.#isBlocked(lease, this.#waiting)) return this.#grant(lease)
    if (request.waitMs === 0) return { refused: 'busy' }
    this.#waiting.push(lease)
    if (this.#waitsForItself(lease)) {
      this.#giveUp(lease)
      return { refused: 'deadlock' }
    }
    return this.#wait(lease)
  }

  extend(grant: LockGrant, ttlMs: number): number | undefined {
    const lease = grant as Lease
    if (!this.#held.has(lease)) return undefined
    lease.timer?.[Symbol.dispose]()
    lease.timer = this.#clock.after(ttlMs, () => this.#expire(lease))
    return this.#clock.now()
  }

  release(grant: LockGrant): boolean {
    const lease = grant as Lease
    if (!this.#held.delete(lease)) return false
    lease.timer?.[Symbol.dispose]()
    this.#grantWaiting()
    return true
  }

  takeAway(keeper: object): void {
    for (const lease of this.#held) {
      if (lease.keeper !== keeper) continue
      this.release(lease)
      lease.request.lost('stolen')
    }
  }

  #expire(lease: Lease): void {
    if (this.release(lease)) lease.request.lost('expired')
  }

  #wait(lease: Lease): Promise<LockGrant | LockRefusal> {
    const { waitMs, signal } = lease.request
    return new Promise((resolve, reject) => {
      const timer = Number.isFinite(waitMs)
        ? this.#clock.after(waitMs, () => end({ refused: 'busy' }))
        : undefined
      const end = (answer: LockGrant | LockRefusal): void => {
        this.#giveUp(lease)
        timer?.[Symbol.dispose]()
        resolve(answer)
      }
      lease.settle = end
      const abort = (): void => {
        // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- the reason is what the interface asks for
        reject(signal?.reason)
        end({ refused: 'busy' })
      }
      signal?.addEventListener('abort', abort, { once: true })
    })
  }

  #giveUp(lease: Lease): void {
    this.#waiting = this.#waiting.filter((other) => other !== lease)
    this.#grantWaiting()
  }

  #grant(lease: Lease): Lease {
    lease.startedAt = this.#clock.now()
    lease.token = this.#lastToken += 1
    lease.timer = this.#clock.after(lease.request.ttlMs, () => this.#expire(lease))
    this.#held.add(lease)
    return lease
  }

  #grantWaiting(): void {
    const free = this.#waiting.find((lease, at) => !this.#isBlocked(lease, this.#waiting.slice(0, at)))
    if (free === undefined) return
    this.#waiting = this.#waiting.filter((other) => other !== free)
    free.settle(this.#grant(free))
    this.#grantWaiting()
  }

  #refusal({ request: { claims, owner } }: Lease): 'reentrant' | 'mismatch' | undefined {
    for (const { key, limit } of claims) {
      for (const other of [...this.#held, ...this.#waiting]) {
        const theirs = claimOf(other, key)
        if (theirs === undefined) continue
        if (owner !== undefined && other.request.owner === owner) return 'reentrant'
        if (theirs.limit !== limit) return 'mismatch'
      }
    }
    return undefined
  }

  #isBlocked(lease: Lease, before: readonly Lease[]): boolean {
    return lease.request.claims.some((claim) => {
      let left = claim.limit
      for (const other of [...this.#held, ...before]) {
        const theirs = claimOf(other, claim.key)
        if (theirs === undefined || (claim.shared && theirs.shared)) continue
        if (claim.shared || theirs.shared) return true
        left -= theirs.permits
      }
      return left < claim.permits
    })
  }

  /** Whether an owner waits for somebody who waits, through any number of others, for it. */
  #waitsForItself(lease: Lease): boolean {
    const seen = new Set<Lease>()
    const reaches = (from: Lease): boolean => {
      if (seen.has(from)) return false
      seen.add(from)
      return [...this.#held].some((other) => {
        const isInTheWay = from.request.claims.some(({ key }) => claimOf(other, key) !== undefined)
        const { owner } = other.request
        if (!isInTheWay || owner === undefined) return false
        if (owner === lease.request.owner) return true
        return this.#waiting.some((waiting) => waiting.request.owner === owner && reaches(waiting))
      })
    }
    return lease.request.owner !== undefined && reaches(lease)
  }
}

function claimOf({ request }: Lease, key: string): LockClaim | undefined {
  return request.claims.find((claim) => claim.key === key)
}

function referenceValues(): LockValues {
  const values = new Map<string, { readonly text: string; readonly version: string }>()
  let writes = 0
  return {
    read: async (key) => values.get(key),
    write: async (key, expected, text) => {
      if (values.get(key)?.version !== expected) return false
      writes += 1
      if (text === undefined) values.delete(key)
      else values.set(key, { text, version: `w${writes}` })
      return true
    },
  }
}

/** Changes a keeper, or gives a broken one in its place; called for each process. */
export type LockFault = (inner: LockKeeper, clock: Clock, place: Map<string, unknown>) => Partial<LockKeeper>

/** Locks in memory, in simulated time, with every ability. */
export function referenceLocks(fault?: LockFault): LockFactory {
  return {
    supports: ['fencing', 'shared', 'semaphore', 'owners', 'values', 'leases', 'loss'],
    place: () => {
      const world = createWorld({ seed: 1 })
      const locks = new ReferenceLocks(world.clock)
      const values = referenceValues()
      const place = new Map<string, unknown>()
      return {
        backend: () => {
          const sound: LockKeeper = {
            capabilities: { fencing: true, shared: true, semaphore: true, owners: true, values: true },
            driftRate: 0,
            values,
            acquire: (request) => locks.acquire(sound, request),
            extend: (grant, ttlMs) => locks.extend(grant, ttlMs),
            release: (grant) => locks.release(grant),
            close: async () => undefined,
          }
          const keeper = { ...sound, ...fault?.(sound, world.clock, place) }
          place.set(
            'sound',
            new Map([...((place.get('sound') as Map<LockKeeper, LockKeeper>) ?? []), [keeper, sound]]),
          )
          return keeper
        },
        clock: world.clock,
        takeAway: (keeper) => {
          const sound = (place.get('sound') as Map<LockKeeper, LockKeeper>).get(keeper)
          if (sound !== undefined) locks.takeAway(sound)
        },
        finish: async (work) => await world.finish(work, { withinMs: 1e9 }),
      }
    },
  }
}
