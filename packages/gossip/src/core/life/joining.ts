import { type Address, type ByteReader, type NodeId, type Random } from '@colony/host'
import type { Component, CoreContext, Section } from '../component.ts'
import type { Seed } from '../input.ts'
import type { MemberRegister } from '../members/membership-parts.ts'
import { SECTION_OVERHEAD } from '../wire/fair-shares.ts'
import { LEAST_UPDATE_BYTES, type MemberUpdate } from '../wire/member-update.ts'
import { SCRATCH } from '../wire/scratch.ts'
import { TAGS } from '../wire/tags.ts'
import { backoffMs } from './backoff.ts'
import {
  encodeWelcome,
  type JoinMessage,
  MAX_WELCOME_MEMBERS,
  readJoin,
  readWelcome,
  writeJoin,
} from './join-message.ts'
import { SeedList, type SeedSlot } from './seed-list.ts'

/** Where joining turns to. */
export interface JoiningParts {
  readonly register: MemberRegister
  /** Begins to compare all that is known with a member. */
  syncWith(peer: NodeId): void
  /** Sends one section to whoever is at an address. */
  contact(at: Address, tag: number, body: Uint8Array): void
  /** What the cap on bandwidth leaves for what can be shorter. */
  spareBytes(): number
}

/** A welcome with at least so many members lets the newcomer compare notes with one of them, so that not all who join at once burden one seed. */
const SHARING_FROM = 8

/**
 * Joining as a state: every seed that is not among the present members is contacted, with backoff, for as long as the node lives. So it does not matter who starts first, whether a seed answers
 * at once, or what becomes of the cluster later; and seeds heal partitions too.
 */
export class Joining implements Component {
  readonly join: Section
  readonly welcome: Section
  readonly #context: CoreContext
  readonly #parts: JoiningParts
  readonly #random: Random
  readonly #seeds = new SeedList()
  #deadline = Number.POSITIVE_INFINITY

  constructor(context: CoreContext, parts: JoiningParts) {
    this.#context = context
    this.#parts = parts
    this.#random = context.random.fork('joining')
    this.join = directSection(TAGS.join, (reader, from) => this.#readJoin(reader, from))
    this.welcome = directSection(TAGS.welcome, (reader, from) => this.#readWelcome(reader, from))
  }

  get deadline(): number {
    return this.#deadline
  }

  /** Takes the seeds in place of those before. */
  setSeeds(seeds: readonly Seed[]): void {
    this.#seeds.replace(seeds, this.#context.now)
    this.recheck()
  }

  /** Somebody is no longer there: perhaps a seed. */
  recheck(): void {
    if (this.#seeds.slots.length > 0) this.#deadline = this.#context.now
  }

  tick(): void {
    const { now } = this.#context
    this.#deadline = Number.POSITIVE_INFINITY
    for (const slot of this.#seeds.slots) {
      if (this.#isThere(slot)) {
        slot.attempts = 0
        slot.nextAt = now
        continue
      }
      if (slot.nextAt <= now) this.#attempt(slot)
      if (slot.nextAt < this.#deadline) this.#deadline = slot.nextAt
    }
  }

  /** Asks a member that is held for failed to come back, telling it so. By its address: who never was here while this node was has no other name for the transport. */
  recall(accusation: MemberUpdate): void {
    this.#parts.contact(accusation.address, TAGS.join, this.#joinBody(0, accusation))
  }

  #isThere({ id, seed }: SeedSlot): boolean {
    const { self, members } = this.#context
    if (seed.address === this.#parts.register.record(self)?.address) return true
    return id !== undefined && (id === self || members.isPresent(id))
  }

  #attempt(slot: SeedSlot): void {
    const { timing, members, now } = this.#context
    const held = slot.id === undefined ? undefined : this.#parts.register.record(slot.id)
    const accusation = held?.status === 'failed' ? held : undefined
    this.#parts.contact(slot.seed.address, TAGS.join, this.#joinBody(slot.token, accusation))
    // Alone, a node has nothing better to do than to look for others.
    const cap = members.size < 2 ? timing.reconnectIntervalMs : timing.maxReconnectIntervalMs
    slot.nextAt = now + backoffMs(slot.attempts, timing.probeTimeoutMs, cap, this.#random)
    slot.attempts++
  }

  #joinBody(token: number, accusation: MemberUpdate | undefined): Uint8Array {
    const sender = this.#parts.register.record(this.#context.self)
    if (sender === undefined) throw new Error('a node knows itself')
    writeJoin(SCRATCH, { token, sender, accusation })
    return SCRATCH.finish()
  }

  #readJoin(reader: ByteReader, from: NodeId): void {
    const { self } = this.#context
    const { register } = this.#parts
    const message = readJoin(reader, from, self)
    if (message === undefined) {
      this.#context.drop('malformed-join')
      return
    }
    if (message.accusation) register.apply(message.accusation, 'gossip', from)
    // Answered by itself: one of its own addresses is among its seeds.
    if (from !== self) register.apply(message.sender, 'gossip', from)
    const held = register.record(from)
    // Not admitted: it learns nothing of this cluster.
    if (held === undefined) return
    this.#sendWelcome(message, held)
  }

  #sendWelcome({ token, sender }: JoinMessage, held: MemberUpdate): void {
    const to = sender.id
    const { members, packetBytes, self } = this.#context
    const { register } = this.#parts
    // The sample of members is a help, no more: a node that lets many in at once keeps to its cap.
    const budget = Math.min(packetBytes - SECTION_OVERHEAD, this.#parts.spareBytes())
    const named = [register.record(self)]
    // Held for dead at an incarnation that its word did not beat: it has to hear of that to refute it.
    if (held.status === 'failed' || held.status === 'left') named.push(held)
    const most = Math.min(MAX_WELCOME_MEMBERS, Math.ceil(budget / LEAST_UPDATE_BYTES))
    for (const id of members.pick(Math.min(most, members.size), (peer) => peer === to)) {
      named.push(register.record(id))
    }
    const known = named.filter((update) => update !== undefined)
    const body = encodeWelcome({ token, members: known }, budget)
    // Who was not taken in is not in the transport's book of addresses.
    if (members.isPresent(to)) this.#context.send(to, TAGS.welcome, body)
    else this.#parts.contact(sender.address, TAGS.welcome, body)
  }

  #readWelcome(reader: ByteReader, from: NodeId): void {
    const message = readWelcome(reader, from)
    if (message === undefined) {
      this.#context.drop('malformed-welcome')
      return
    }
    this.#seeds.answered(message.token, from)
    if (from === this.#context.self) return
    if (!this.#parts.register.applyAll(message.members, 'gossip', from)) return
    this.recheck()
    this.#parts.syncWith(this.#partner(from, message.members))
  }

  /** With whom to compare notes: who answered, or in a large cluster one of those that it named. */
  #partner(from: NodeId, named: readonly MemberUpdate[]): NodeId {
    if (named.length < SHARING_FROM) return from
    const chosen = named[this.#random.integer(0, named.length - 1)]?.id ?? from
    return chosen !== this.#context.self && this.#context.members.isPresent(chosen) ? chosen : from
  }
}

/** A section that is only ever sent to one member, never piggybacked. */
export function directSection(tag: number, read: Section['read']): Section {
  return { tag, backlog: 0, write: () => 0, read }
}
