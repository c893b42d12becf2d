/// <reference lib="esnext.disposable" preserve="true" />
import type { DiffOptions } from '../core/diff.ts'
import type { RingNode } from '../core/members.ts'
import { RingError } from '../core/ring-error.ts'
import { checkedCount } from '../core/walk.ts'
import type { Member } from './events.ts'
import { createRing, type Ring } from '../ring.ts'

/**
 * As much of a clock as a tracker needs; the clock of a host is one.
 * @category Membership
 */
export interface TrackerClock {
  /** Milliseconds since whenever, never going backwards. */
  now(): number
  /** Calls `task` once, `delayMs` milliseconds from now or a little later. Dispose of the result to cancel. */
  after(delayMs: number, task: () => void): Disposable
}

/**
 * Where an error comes from: the source (the iteration failed, or stopping it), an event that is none, `toNode`, making the next ring, or a listener.
 * @category Membership
 */
export type TrackerErrorOrigin = 'source' | 'event' | 'toNode' | 'ring' | 'listener'

/**
 * How members become a ring.
 * @category Membership
 */
export interface TrackOptions<Meta, Node extends RingNode> extends DiffOptions {
  /**
   * The node that a member is; `undefined` when it has no place in the ring (another role, no data yet). Called when a member comes and when its data
   * change. When it throws or returns no valid node, that is reported and the member keeps the node that it had. Return a new object for new
   * data. If two members are the same node, the one whose news came last counts.
   */
  readonly toNode: (member: Member<Meta>) => Node | undefined
  /**
   * Gets everything that goes wrong; nothing that does ends the tracker, and what this function throws itself is dropped. Required: a ring that silently stands still
   * is found out late.
   */
  readonly onError: (error: unknown, origin: TrackerErrorOrigin) => void
  /** The source came to its end, by itself or by an error that was reported: the ring won't change any more. Default: nothing happens. */
  readonly onEnd?: () => void
  /**
   * Where to begin: its options are those of every later ring, and its nodes stay until there is news of a member of the same id or that is the same node. Default:
   * `createRing([])`.
   */
  readonly ring?: Ring<Node>
  /** How long nothing must change before the changes are published together. Milliseconds, 0 to 86,400,000, default 200. */
  readonly settleMs?: number
  /** How long after the first change they are published anyway. Milliseconds, `settleMs` to 86,400,000, default five times `settleMs`. */
  readonly maxSettleMs?: number
  /** Default: the platform's, `performance.now` and `setTimeout`. */
  readonly clock?: TrackerClock
}

/** Options with every default filled in. */
export interface ResolvedTracking<Meta, Node extends RingNode> {
  readonly toNode: (member: Member<Meta>) => Node | undefined
  readonly onError: (error: unknown, origin: TrackerErrorOrigin) => void
  readonly onEnd: () => void
  readonly ring: Ring<Node>
  readonly settleMs: number
  readonly maxSettleMs: number
  readonly clock: TrackerClock
  readonly plan: DiffOptions
}

const MOST_MS = 86_400_000
const NAMES = new Set('toNode onError onEnd ring settleMs maxSettleMs clock replicas spread'.split(' '))

/** Fills in defaults. @throws A {@link RingError} with code `RING_INVALID_OPTION`. */
export function resolveTracking<Meta, Node extends RingNode>(
  options: TrackOptions<Meta, Node>,
): ResolvedTracking<Meta, Node> {
  for (const name of Object.keys(options)) {
    if (!NAMES.has(name))
      throw invalid(`${name} is no option of trackMembers; there are ${[...NAMES].join(', ')}`)
  }
  const { toNode, onError, onEnd = () => {}, ring = createRing<Node>([]), clock = platformClock } = options
  if (typeof toNode !== 'function' || typeof onError !== 'function') {
    throw invalid('trackMembers needs the functions toNode(member) and onError(error, origin)')
  }
  const { settleMs = 200, replicas, spread } = options
  requireMs('settleMs', settleMs, 0)
  const { maxSettleMs = Math.min(5 * settleMs, MOST_MS) } = options
  requireMs('maxSettleMs', maxSettleMs, settleMs)
  if (replicas !== undefined) checkedCount(replicas)
  if (spread !== undefined && spread !== 'zone')
    throw invalid(`spread must be 'zone' or left out, not ${String(spread)}`)
  const plan = {
    ...(replicas === undefined ? {} : { replicas }),
    ...(spread === undefined ? {} : { spread }),
  }
  return { toNode, onError, onEnd, ring, settleMs, maxSettleMs, clock, plan }
}

function requireMs(option: string, value: number, least: number): void {
  if (typeof value === 'number' && value >= least && value <= MOST_MS) return
  throw invalid(
    `${option} must be a number of milliseconds from ${least} to ${MOST_MS}, not ${String(value)}`,
  )
}

function invalid(message: string): RingError {
  return new RingError('RING_INVALID_OPTION', message)
}

const platformClock: TrackerClock = {
  now: () => performance.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs)
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
}
