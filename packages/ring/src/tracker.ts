/// <reference lib="esnext.disposable" preserve="true" />
import { diff, type DiffOptions } from './core/diff.ts'
import type { RingNode } from './core/members.ts'
import type { Plan } from './core/plan.ts'
import { checkedEvent, type MemberEvent, type MemberSource } from './membership/events.ts'
import { MemberNodes } from './membership/member-nodes.ts'
import {
  resolveTracking,
  type ResolvedTracking,
  type TrackerErrorOrigin,
  type TrackOptions,
} from './membership/options.ts'
import { sameData } from './membership/same-data.ts'
import { Settling } from './membership/settling.ts'
import { followSource } from './membership/source.ts'
import type { Ring } from './ring.ts'

/**
 * One step from ring to ring, however many events made it.
 * @category Membership
 */
export interface RingChange<Node extends RingNode> {
  /** The ring from now on. */
  readonly ring: Ring<Node>
  /** The ring until now. */
  readonly previous: Ring<Node>
  /** What has to move. Made when it is first asked for, at the cost of `diff`, and then kept. Empty when only the nodes' other data changed. */
  readonly plan: Plan<Node>
}

/**
 * Follows the members of a cluster and keeps the ring that they make; see {@link trackMembers}.
 * @category Membership
 */
export class MemberTracker<Node extends RingNode = RingNode, Meta = unknown> implements Disposable {
  readonly #options: ResolvedTracking<Meta, Node>
  readonly #nodes: MemberNodes<Meta, Node>
  readonly #settling: Settling
  readonly #listeners = new Set<{ readonly call: (change: RingChange<Node>) => unknown }>()
  readonly #stop: () => void
  #ring: Ring<Node>
  #publishing = false
  #again = false
  #closed = false

  /** @internal Use {@link trackMembers}. */
  constructor(source: MemberSource<Meta>, options: ResolvedTracking<Meta, Node>) {
    const { ring, clock, settleMs, maxSettleMs, onEnd } = options
    this.#options = options
    this.#ring = ring
    this.#nodes = new MemberNodes(options, (error) => this.#report(error, 'toNode'))
    this.#settling = new Settling(clock, settleMs, maxSettleMs, () => this.flush())
    this.#stop = followSource(source, {
      event: (event) => this.#take(event),
      error: (error) => this.#report(error, 'source'),
      end: () => this.#guard('listener', onEnd),
    })
  }

  /** The ring as it was published last. O(1). Read it anew for every lookup, or keep a snapshot on purpose. */
  get ring(): Ring<Node> {
    return this.#ring
  }

  /**
   * Calls `listener` after every change from now on, when `ring` is the new one already. Listeners run in the order of registration, each apart from
   * the others: what one throws, or rejects with, is reported. Dispose of the result to stop. O(1).
   */
  onChange(listener: (change: RingChange<Node>) => void): Disposable {
    const registration = { call: listener as (change: RingChange<Node>) => unknown }
    if (!this.#closed) this.#listeners.add(registration)
    return { [Symbol.dispose]: () => void this.#listeners.delete(registration) }
  }

  /** Publishes at once what has changed, if anything has. Called by a listener: as soon as all listeners have run. O(p). */
  flush(): void {
    if (this.#closed) return
    this.#settling.cancel()
    this.#again = true
    // Changes are heard of in their order: the next one begins when everybody has heard of this one.
    if (this.#publishing) return
    this.#publishing = true
    while (this.#again && !this.#isClosed()) {
      this.#again = false
      this.#guard('ring', () => this.#publish())
    }
    this.#publishing = false
  }

  /** Stops following. The ring stays as it was published last; changes that were still settling are dropped. Idempotent. O(1). */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#settling.cancel()
    this.#listeners.clear()
    this.#stop()
  }

  /** The same as `close`. */
  [Symbol.dispose](): void {
    this.close()
  }

  #take(event: MemberEvent<Meta>): void {
    if (this.#closed) return
    this.#guard('event', () => {
      if (this.#nodes.apply(checkedEvent(event))) this.#settling.touch()
    })
  }

  #publish(): void {
    const nodes = this.#nodes.byId()
    const previous = this.#ring
    // The same nodes make the same ring: who left and came back in the meantime changes nothing.
    if (
      nodes.size === previous.nodes.length &&
      previous.nodes.every((node) => sameData(node, nodes.get(node.id)))
    )
      return
    const ring = previous.withMembers(nodes.values())
    this.#ring = ring
    const change = changeOf(previous, ring, this.#options.plan)
    for (const registration of [...this.#listeners]) {
      if (this.#listeners.has(registration)) this.#guard('listener', () => registration.call(change))
    }
  }

  /** Runs what may throw, or return a promise that rejects. */
  #guard(origin: TrackerErrorOrigin, task: () => unknown): void {
    try {
      const result = task()
      if (isThenable(result)) result.then(undefined, (error: unknown) => this.#report(error, origin))
    } catch (error) {
      this.#report(error, origin)
    }
  }

  #report(error: unknown, origin: TrackerErrorOrigin): void {
    try {
      this.#options.onError(error, origin)
    } catch {
      // There is nobody left to tell, and the ring still has to follow its members.
    }
  }

  /** A listener may have closed it meanwhile, which the compiler does not see of the field itself. */
  #isClosed(): boolean {
    return this.#closed
  }
}

/**
 * Turns news of members, of whatever protocol, into rings and plans: many events make one change, and only what lasts is published.
 *
 * Who is suspected keeps its keys; who failed or left loses them; late news of an earlier life is ignored; a change that ends where it began
 * publishes nothing. An event costs O(1), a change what `withMembers` and `diff` do: O(p) for p points. Where events have incarnations, processes that have heard the same of everybody, in whatever order, agree on who is there.
 * @example
 * ```ts
 * const tracker = trackMembers(gossipEvents, {
 *   toNode: ({ id, meta }) => (meta?.role === 'cache' ? { id, zone: meta.zone } : undefined),
 *   onError: (error, origin) => log.warn(error, origin),
 * })
 * tracker.onChange(({ plan }) => fetchWhatIsOursNow(plan))
 * tracker.ring.owner('user:42')
 * ```
 * @throws A `RingError` with code `RING_INVALID_OPTION`; and what `source` throws when it is subscribed to.
 * @category Membership
 */
export function trackMembers<Node extends RingNode, Meta = unknown>(
  source: MemberSource<Meta>,
  options: TrackOptions<Meta, Node>,
): MemberTracker<Node, Meta> {
  return new MemberTracker<Node, Meta>(source, resolveTracking(options))
}

function changeOf<Node extends RingNode>(
  previous: Ring<Node>,
  ring: Ring<Node>,
  options: DiffOptions,
): RingChange<Node> {
  let plan: Plan<Node> | undefined
  return {
    ring,
    previous,
    get plan() {
      plan ??= diff(previous, ring, options)
      return plan
    },
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
