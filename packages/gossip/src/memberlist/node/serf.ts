/// <reference lib="esnext.disposable" preserve="true" />
import type { ListenOptions } from '@colony/host'
import type { SerfMember } from '../serf/serf-event.ts'
import type { SerfTags } from '../serf/tags.ts'
import type { SerfMemberEvent } from './member-event.ts'
import type { SerfEvents } from './serf-events.ts'

/**
 * One answer to a query.
 * @category Interop
 */
export interface SerfAnswer {
  /** Who answered. */
  readonly from: string
  /** What. */
  readonly payload: Uint8Array
}

/**
 * How to ask.
 * @category Interop
 */
export interface SerfQueryOptions {
  /** Who is asked; once all have answered it is over. Default: everybody, until the time is over. */
  readonly to?: readonly string[]
  /** How long answers are waited for. Milliseconds, up to 86,400,000. Default: 16 gossip intervals for each power of ten of members, as Serf does. */
  readonly timeoutMs?: number
}

/**
 * How to say something to everybody.
 * @category Interop
 */
export interface SerfEventOptions {
  /** Whether receivers may take several of one name together, and hand on the last. Default `false`. */
  readonly coalesce?: boolean
}

/**
 * How to remove a member.
 * @category Interop
 */
export interface SerfRemoveOptions {
  /** Whether everybody forgets it at once, instead of after a day. Default `false`. */
  readonly prune?: boolean
}

/**
 * A member of a Serf cluster.
 * @category Interop
 */
export interface SerfNode extends AsyncDisposable {
  /** Its name. */
  readonly id: string
  /** Where others reach it, as `ip:port`. */
  readonly address: string
  /** How well it hears others: 0 is well, 7 is worst (Lifeguard). */
  readonly healthScore: number
  /** Everybody who is known, this node and those that failed or left included. */
  members(): SerfMember[]
  /** How often what happened that was not as it should be: packets that could not be opened, labels of other clusters, late acknowledgements. */
  counts(): Readonly<Record<string, number>>
  /** Calls `listener` with every payload of event `name`. Dispose of the result to stop. */
  on<Name extends keyof SerfEvents & string>(
    name: Name,
    listener: (payload: SerfEvents[Name]) => void,
    options?: ListenOptions,
  ): Disposable
  /** The next payload of event `name`. Rejects when the signal aborts, or with `HOST_CLOSED` when the node is closed first. */
  once<Name extends keyof SerfEvents & string>(name: Name, options?: ListenOptions): Promise<SerfEvents[Name]>
  /** Tells of everybody who is there, then of all that changes: a `MemberSource` for `trackMembers` of `@colony/ring`. */
  readonly follow: (listener: (event: SerfMemberEvent) => void) => Disposable
  /**
   * Says something else of this node.
   * @throws A `GossipError`: `GOSSIP_INVALID_OPTION`, `GOSSIP_TOO_LARGE` above 512 bytes, `GOSSIP_CLOSED`.
   */
  setTags(tags: SerfTags): void
  /**
   * Says something to everybody. Name and payload are at most 512 bytes together.
   * @throws A `GossipError`: `GOSSIP_TOO_LARGE`, `GOSSIP_CLOSED`.
   */
  event(name: string, payload?: Uint8Array | string, options?: SerfEventOptions): void
  /**
   * Asks, and collects answers, this node's own included if it answers itself. Name and payload are at most 824 bytes together.
   * @throws A `GossipError`: `GOSSIP_TOO_LARGE`, `GOSSIP_INVALID_OPTION`, `GOSSIP_CLOSED`.
   */
  query(name: string, payload?: Uint8Array | string, options?: SerfQueryOptions): Promise<SerfAnswer[]>
  /**
   * Declares that a member which failed has left, so that nobody looks for it; with `prune` all forget it at once. One that lives says that it is there.
   * @throws A `GossipError`: `GOSSIP_INVALID_OPTION` for this node, or one that is not known; `GOSSIP_CLOSED`.
   */
  remove(id: string, options?: SerfRemoveOptions): void
  /** Says goodbye, waits until it got around, and closes; the end of `await using` does the same. Takes a second or two; never rejects. Idempotent. */
  leave(): Promise<void>
  /** Stops without a word: the others will take this node for failed. Idempotent. */
  close(): Promise<void>
}
