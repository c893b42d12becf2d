import type { ByteReader, ByteWriter, NodeId, Random } from '@colony/host'
import type { CoreEvent } from './core-event.ts'
import type { Member } from './members/member.ts'
import type { Timing } from './timing.ts'

/**
 * How a message travels: alone in a datagram that may be lost, or over a connection, where it may be large.
 * @category Core
 */
export type Path = 'datagram' | 'stream'

/**
 * A part of the core with a task and a deadline of its own. The core asks all parts for their deadlines, and ticks those whose time has come once
 * the inbox was read.
 */
export interface Component {
  /** When {@link Component.tick} is wanted next, in milliseconds of the core's clock; `Infinity` while there is nothing to wait for. */
  readonly deadline: number
  /** The time has come (or is past: a loop may stall). Called only when `deadline <= now`. */
  tick(): void
}

/**
 * One class of what is said in packets. A packet is a head and sections; each section has a tag and a length, so what an older node does not know
 * it skips. Append new tags, never reuse one.
 */
export interface Section {
  /** 1 to 255, unique: see `wire/tags.ts`. */
  readonly tag: number
  /** About how many bytes wait to be spread by piggyback; 0 when there is nothing to say, which lets the gossip tick stay silent. */
  readonly backlog: number
  /**
   * Writes whole items, newest (least often sent) first, of at most `budget` bytes altogether, for a packet to `to`, and counts them as sent once.
   * The composer writes tag and length around them. Writes nothing when nothing fits. How many bytes it wrote.
   */
  write(writer: ByteWriter, budget: number, to: NodeId): number
  /**
   * Takes in what another node wrote. Never throws: what is malformed or impossible is counted through {@link CoreContext.drop} and ignored, and
   * so is the rest of the section.
   */
  read(reader: ByteReader, from: NodeId): void
}

/**
 * What the parts of the core see of membership, and whom they may pick from it. Kept by `members/`.
 * @category Core
 */
export interface MembersView {
  /** How many members are alive or suspect, this node included: what every limit is derived from. */
  readonly size: number
  /** Whether `id` is known and alive or suspect. */
  isPresent(id: NodeId): boolean
  /** A snapshot of what is known of `id`, this node included. */
  get(id: NodeId): Member | undefined
  /** Up to `count` different members that are alive or suspect, never this node, uniformly drawn with the zones' preference; `except` are passed over. */
  pick(count: number, except?: (id: NodeId) => boolean): NodeId[]
  /** Every member that is alive or suspect but this node, in a stable order. */
  present(): Iterable<NodeId>
}

/** What every part of the core is made with: this node's view of time, chance and others, and where its words go. */
export interface CoreContext {
  /** This node. */
  readonly self: NodeId
  /** Milliseconds of this step. */
  readonly now: number
  /** Randomness; a part forks its own stream once. */
  readonly random: Random
  /** Every interval and limit, derived from the profile and the live number of members. */
  readonly timing: Timing
  /** Who is there. */
  readonly members: MembersView
  /**
   * Sends a packet that holds one section with these bytes (what `Section.read` of that tag takes at the other side); piggyback fills what room is left in a
   * datagram. A datagram is cut to the packet limit by refusing: `false` when `body` is too large for one, and nothing was sent.
   */
  send(to: NodeId, tag: number, body: Uint8Array, path?: Path): boolean
  /** Tells the outside. */
  emit(event: CoreEvent): void
  /** Counts something of a peer's that was ignored, by reason: `'malformed-update'`. */
  drop(reason: string): void
  /** Most bytes that a datagram's sections may have. */
  readonly packetBytes: number
  /** Most bytes that one message of a stream may have. */
  readonly streamBytes: number
}
