import type { Address, NodeId, Random } from '@colony/host'
import type { CoreContext, Path } from './component.ts'
import type { CoreEvent } from './core-event.ts'
import type { CoreOutputs, CoreSend } from './input.ts'
import type { KnownMembers } from './members/members-view.ts'
import type { ResolvedOptions } from './options.ts'
import type { Timing } from './timing.ts'
import type { PacketComposer } from './wire/packet-composer.ts'
import { HEAD_BYTES } from './wire/packet-head.ts'

/** Reasons for drops that are told apart: they come from code, not from peers; the rest is a mistake. */
type Drops = Record<string, number>

/** What all parts of one core share: time, chance, what they send and tell. */
export class CoreState implements CoreContext {
  readonly self: NodeId
  readonly random: Random
  readonly timing: Timing
  readonly packetBytes: number
  readonly streamBytes: number
  readonly members: KnownMembers
  /** Packets of this step. */
  readonly sends: CoreSend[] = []
  /** Events of this step. */
  readonly events: CoreEvent[] = []
  readonly drops: Drops = {}
  now: number
  /** Counts what may concern parts that are not asked after every packet: news of members, ticks of those parts, inputs, sections other than probes. */
  changes = 0
  #composer: PacketComposer | undefined

  constructor(options: ResolvedOptions, members: KnownMembers, now: number) {
    this.self = options.id
    this.random = options.random
    this.timing = options.timing
    this.packetBytes = options.packetBytes - HEAD_BYTES
    this.streamBytes = options.streamBytes - HEAD_BYTES
    this.members = members
    this.now = now
  }

  /** Says how packets are made; before the first is sent. */
  connect(composer: PacketComposer): void {
    this.#composer = composer
  }

  send(to: NodeId, tag: number, body: Uint8Array, path: Path = 'datagram'): boolean {
    if (to === this.self) return false
    const bytes = this.#composer?.compose(to, tag, body, path)
    if (bytes === undefined) return false
    this.sends.push({ to, bytes, path })
    return true
  }

  /** Sends one section to whoever is at an address. */
  contact(at: Address, tag: number, body: Uint8Array): boolean {
    const bytes = this.#composer?.compose('', tag, body, 'datagram')
    if (bytes === undefined) return false
    this.sends.push({ at, bytes, path: 'datagram' })
    return true
  }

  /** Sends a finished datagram. */
  output(to: NodeId, bytes: Uint8Array): void {
    this.sends.push({ to, bytes, path: 'datagram' })
  }

  emit(event: CoreEvent): void {
    this.events.push(event)
  }

  drop(reason: string): void {
    this.drops[reason] = (this.drops[reason] ?? 0) + 1
  }

  /** Empties what the step before handed out. */
  begin(now: number): void {
    if (now > this.now) this.now = now
    // Emptying what is empty is not free.
    if (this.sends.length > 0) this.sends.length = 0
    if (this.events.length > 0) this.events.length = 0
  }
}

/** The outputs of every step: one object, used again. */
export interface ReusedOutputs extends CoreOutputs {
  deadline: number
  refused: CoreOutputs['refused']
}
