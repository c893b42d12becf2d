import type { Random } from '@colony/host'
import type { PacketMessage, StreamMessage } from '../wire/messages.ts'
import type { MemberRecord, MemberTable } from './member-table.ts'
import type { MemberlistTiming } from './timing.ts'

/** Something with a task and a time for it. */
export interface Timed {
  /** When {@link Timed.tick} is wanted, in milliseconds of the core's clock; `Infinity` for never. */
  readonly deadline: number
  /** The time has come. */
  tick(): void
}

/** What is built on top of the protocol, such as Serf: what it says, and what it is told. Nothing here may call back into a step. */
export interface MemberlistDelegate extends Timed {
  /** This node's meta data, at most 512 bytes. */
  meta(): Uint8Array
  /** Versions of its own messages: least, most, current. */
  readonly versions: readonly [least: number, most: number, current: number]
  /** What it says in a push/pull. */
  localState(join: boolean): Uint8Array
  /** A seed answered: this node is where others are. */
  reached(seed: string): void
  /** What it was told in one. `join`: by a seed that this node asked to let it in. */
  mergeState(state: Uint8Array, join: boolean): void
  /** A message of another node's delegate. */
  userMessage(bytes: Uint8Array): void
  /** A member that was not known, or had failed or left, is there. */
  joined(member: MemberRecord): void
  /** A member has other meta data, versions or another address. */
  updated(member: MemberRecord): void
  /** Somebody got no answer of a member. */
  suspected(member: MemberRecord, from: string): void
  /** A suspect is alive. */
  recovered(member: MemberRecord): void
  /** A member is `dead` or `left` now. */
  gone(member: MemberRecord): void
  /** Somebody at `endpoint` claims the name of a member, which is this node or is alive elsewhere. */
  conflict(member: MemberRecord, endpoint: string): void
  /** Whether a member that came by a push/pull or by gossip is let in; nothing is taken of a push/pull with one that is not. */
  admit(name: string, endpoint: string, meta: Uint8Array): boolean
}

/** What the parts of the protocol see of the node. */
export interface MemberlistContext {
  /** This node's name. */
  readonly self: string
  /** Milliseconds of this step. */
  readonly now: number
  readonly random: Random
  readonly timing: MemberlistTiming
  readonly members: MemberTable
  readonly delegate: MemberlistDelegate
  /** Sends a packet; what room is left in it is filled with news. */
  send(to: string, ...messages: readonly PacketMessage[]): void
  /** Says something over a connection; `settled` gets the answer, or nothing when there was none in time. */
  exchange(
    to: string,
    bytes: Uint8Array,
    timeoutMs: number,
    settled: (answer: StreamMessage | undefined) => void,
  ): void
  /** Counts something, most often that something of a peer's was ignored. */
  count(what: string): void
}
