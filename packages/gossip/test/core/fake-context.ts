import { type Address, ByteReader, createRandom, type NodeId, type Random } from '@colony/host'
import type { Component, CoreContext, MembersView, Path, Section } from '../../src/core/component.ts'
import type { CoreEvent } from '../../src/core/core-event.ts'
import type { Incarnation } from '../../src/core/members/incarnation.ts'
import type { Member, MemberStatus } from '../../src/core/members/member.ts'
import { timingOf } from '../../src/core/profiles.ts'
import type { Timing } from '../../src/core/timing.ts'
import type { MemberUpdate } from '../../src/core/wire/member-update.ts'

export const LAN: Timing = timingOf('lan')

/** What a part sent: to a member, or at an address. */
export interface Sent {
  readonly to?: NodeId
  readonly at?: Address
  readonly tag: number
  readonly body: Uint8Array
  readonly path: Path
}

/** One part's world, played by a test. */
export class FakeContext implements CoreContext {
  readonly self: NodeId
  readonly random: Random
  readonly timing: Timing
  readonly members: FakeMembers
  readonly packetBytes = 1391
  readonly streamBytes: number = 1 << 20
  now = 1000
  sent: Sent[] = []
  events: CoreEvent[] = []
  drops: string[] = []

  constructor(self: NodeId, peers: readonly NodeId[] = [], timing: Timing = LAN) {
    this.self = self
    this.random = createRandom(`fake:${self}`)
    this.timing = timing
    this.members = new FakeMembers(self, this.random.fork('members'))
    for (const peer of peers) this.members.set(peer, 'alive')
  }

  send(to: NodeId, tag: number, body: Uint8Array, path: Path = 'datagram'): boolean {
    if (path === 'datagram' && body.length > this.packetBytes - 3) return false
    this.sent.push({ to, tag, body, path })
    return true
  }

  emit(event: CoreEvent): void {
    this.events.push(event)
  }

  drop(reason: string): void {
    this.drops.push(reason)
  }

  /** What was sent since the last call. */
  takeSent(): Sent[] {
    const sent = this.sent
    this.sent = []
    return sent
  }

  /** What was emitted since the last call. */
  takeEvents(): CoreEvent[] {
    const events = this.events
    this.events = []
    return events
  }

  /** Lets time pass until `until`, ticking the parts at their deadlines. How many ticks there were. */
  run(until: number, ...parts: Component[]): number {
    let ticks = 0
    for (;;) {
      const due = Math.min(...parts.map((part) => part.deadline))
      if (due > until) break
      this.now = Math.max(this.now, due)
      for (const part of parts) {
        if (part.deadline > this.now) continue
        part.tick()
        ticks++
      }
      if (ticks > 1_000_000) throw new Error('the parts tick without end')
    }
    this.now = until
    return ticks
  }
}

export class FakeMembers implements MembersView {
  readonly #self: NodeId
  readonly #random: Random
  readonly #all = new Map<NodeId, Member>()

  constructor(self: NodeId, random: Random) {
    this.#self = self
    this.#random = random
    this.set(self, 'alive')
  }

  get size(): number {
    return [...this.#all.keys()].filter((id) => this.isPresent(id)).length
  }

  set(
    id: NodeId,
    status: MemberStatus,
    incarnation: Incarnation = { epoch: 7, counter: 0 },
    zone = '',
  ): Member {
    const member = { id, address: `udp://${id}`, incarnation, status, zone }
    this.#all.set(id, member)
    return member
  }

  remove(id: NodeId): void {
    this.#all.delete(id)
  }

  isPresent(id: NodeId): boolean {
    const status = this.get(id)?.status
    return status === 'alive' || status === 'suspect'
  }

  get(id: NodeId): Member | undefined {
    return this.#all.get(id)
  }

  pick(count: number, except?: (id: NodeId) => boolean): NodeId[] {
    const candidates = [...this.present()].filter((id) => except?.(id) !== true)
    const picked: NodeId[] = []
    while (picked.length < count && candidates.length > 0) {
      picked.push(...candidates.splice(this.#random.integer(0, candidates.length - 1), 1))
    }
    return picked
  }

  *present(): Iterable<NodeId> {
    for (const id of this.#all.keys()) if (id !== this.#self && this.isPresent(id)) yield id
  }
}

/** Lets a section read what was sent. */
export function deliver(section: Section, body: Uint8Array, from: NodeId): void {
  section.read(new ByteReader(body), from)
}

export function update(
  id: NodeId,
  status: MemberStatus = 'alive',
  change: Partial<MemberUpdate> = {},
): MemberUpdate {
  const address = status === 'alive' ? `udp://${id}` : ''
  return { id, incarnation: { epoch: 7, counter: 0 }, status, address, zone: '', accuser: id, ...change }
}
