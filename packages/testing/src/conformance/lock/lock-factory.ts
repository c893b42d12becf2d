import type { Clock } from '@colony/host'
import type { ConformancePlace } from '../conformance-case.ts'
import type { LockKeeper } from './lock-shape.ts'

/**
 * What a lock backend, or the place that it is made on, may be able to do.
 *
 * - `fencing`, `shared`, `semaphore`, `owners`, `values`: as the backend's own `capabilities` say.
 * - `leases`: a lock ends by itself when its time is over. Without it, locks end with a session or process.
 * - `loss`: locks can be taken from their holders, with {@link LockPlace.takeAway}.
 * @category Conformance
 */
export type LockAbility = 'fencing' | 'shared' | 'semaphore' | 'owners' | 'values' | 'leases' | 'loss'

/**
 * Where locks are kept for one case, with nobody else there and no lock held.
 * @category Conformance
 */
export interface LockPlace extends ConformancePlace {
  /**
   * Makes the backend of one process; several share the locks of the place. A backend whose locks are those of one process gives the same object each
   * time. The suite closes what it was given.
   */
  backend(): Promise<LockKeeper> | LockKeeper
  /** Time, the same that the backends have. Default: `systemClock`. */
  readonly clock?: Clock
  /** Ends every lock of a backend from outside, so that it notices within the deadline: its session dies, say. For the ability `loss`. */
  takeAway?(backend: LockKeeper): Promise<void> | void
}

/**
 * Makes lock backends for {@link lockConformance}.
 * @category Conformance
 */
export interface LockFactory {
  /** What the backends can do. A claim that does not hold fails the cases that need it. */
  readonly supports: readonly LockAbility[]
  /**
   * How long a case waits in vain for something to happen, in milliseconds of the place's clock, 1 to 10^9. Default 4000: just below the five seconds after which many test runners
   * give up.
   */
  readonly deadlineMs?: number
  /** How long a lease lasts whose end a case waits for, in milliseconds, 10 to 10^6. Cases take about three of them. Default 300. */
  readonly leaseMs?: number
  /** Makes a place; called once a case. */
  place(): Promise<LockPlace> | LockPlace
}
