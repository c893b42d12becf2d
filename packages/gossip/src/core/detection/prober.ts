import type { NodeId, Random } from '@colony/host'
import type { CoreContext } from '../component.ts'
import type { Counting } from '../counters.ts'
import type { Member } from '../members/member.ts'
import type { KnownMembers } from '../members/members-view.ts'
import type { MemberTable } from '../members/member-table.ts'
import type { Rotation } from '../members/rotation.ts'
import { TAGS } from '../wire/tags.ts'
import type { Detector, DetectorParts } from './detector.ts'
import type { LocalHealth } from './local-health.ts'
import type { Pinger } from './pinger.ts'
import { Probe } from './probe.ts'
import { type Ack, MAX_PATIENCE_MS, writePingRequest } from './probe-messages.ts'
import type { RoundTrips } from './round-trips.ts'

/** Part of the remaining time that helpers get: their word has to be here before it is over. */
const HELPERS_PART = 0.8

/** Members that wait to be probed before their turn. */
const MAX_URGENT = 64

/** What a {@link Prober} works with. */
export interface ProberParts extends DetectorParts {
  readonly table: MemberTable
  readonly rotation: Rotation
  readonly members: KnownMembers
  readonly pinger: Pinger
  readonly roundTrips: RoundTrips
  readonly health: LocalHealth
  readonly counters: Counting
  /** Whether local health counts (Lifeguard, section 4.1). */
  readonly adaptive: boolean
}

/**
 * SWIM's failure detector (section 3.1): at every interval one member is pinged; when it does not answer within the time that it usually takes, a few others are asked to ping it and a stream is tried
 * too; when nothing has come by the end of the interval, it is suspected.
 */
export class Prober implements Detector {
  readonly #context: CoreContext
  readonly #parts: ProberParts
  readonly #random: Random
  readonly #probe = new Probe()
  readonly #urgent: NodeId[] = []
  /** When the next probe may begin. */
  #nextAt: number

  constructor(context: CoreContext, parts: ProberParts) {
    this.#context = context
    this.#parts = parts
    this.#random = context.random.fork('prober')
    this.#nextAt = context.now
  }

  get deadline(): number {
    const probe = this.#probe
    if (probe.active) return probe.direct ? probe.indirectAt : probe.endsAt
    if (this.#parts.rotation.size === 0) return Infinity
    return this.#urgent.length > 0 ? this.#context.now : this.#nextAt
  }

  tick(): void {
    const { now } = this.#context
    const probe = this.#probe
    if (probe.active && now >= probe.endsAt) this.#fail()
    else if (probe.active && probe.direct && now >= probe.indirectAt) this.#askOthers()
    if (!probe.active && (now >= this.#nextAt || this.#urgent.length > 0)) this.#begin()
  }

  heard(): void {
    // Only an answer says that a member hears us.
  }

  acked(ack: Ack, from: NodeId): void {
    const probe = this.#probe
    if (!probe.active || ack.sequence !== probe.sequence) return
    if (ack.byHelper ? !probe.helpers.includes(from) : from !== probe.target) return
    const { roundTrips, counters, health, adaptive } = this.#parts
    if (ack.byHelper) counters.indirectAcks++
    else if (ack.byStream) counters.streamAcks++
    else roundTrips.add(probe.index, this.#context.now - probe.sentAt)
    counters.acks++
    if (adaptive) health.improve()
    probe.active = false
  }

  nacked(sequence: number, from: NodeId): void {
    const probe = this.#probe
    if (!probe.active || sequence !== probe.sequence) return
    const helper = probe.helpers.indexOf(from)
    if (helper < 0 || probe.nacked[helper] === true) return
    probe.nacked[helper] = true
    this.#parts.counters.nacks++
  }

  probeSoon(id: NodeId): void {
    if (this.#urgent.length >= MAX_URGENT || this.#urgent.includes(id)) return
    if (this.#probe.active && this.#probe.target === id) return
    if (id !== this.#context.self && this.#context.members.isPresent(id)) this.#urgent.push(id)
  }

  stalled(ms: number): void {
    this.#probe.postpone(ms)
    this.#nextAt = Math.max(this.#nextAt, this.#context.now)
  }

  memberChanged(before: Member | undefined, after: Member | undefined): void {
    const id = (after ?? before)?.id
    const present = after !== undefined && this.#context.members.isPresent(after.id)
    if (!present && this.#probe.active && this.#probe.target === id) this.#probe.active = false
    // Whoever is alone has no rhythm; the first other one finds it somewhere within an interval, so that nodes that start together do not probe together.
    if (present && before === undefined && this.#parts.rotation.size === 1 && id !== this.#context.self) {
      this.#nextAt = this.#context.now + this.#random.float() * this.#context.timing.probeIntervalMs
    }
    if (this.#parts.rotation.size === 0) this.#parts.health.reset()
  }

  #begin(): void {
    const { timing, now } = this.#context
    const { table, roundTrips, counters, pinger } = this.#parts
    const index = this.#nextTarget()
    const factor = this.#factor
    this.#nextAt = now + timing.probeIntervalMs * factor
    if (index === undefined) return
    const timeout = roundTrips.timeout(index, timing.minProbeTimeoutMs, timing.probeTimeoutMs) * factor
    const sequence = pinger.next()
    this.#probe.begin(table.idAt(index), index, sequence, now, now + timeout, this.#nextAt)
    counters.probes++
    pinger.ping(index, sequence, 'datagram')
  }

  /** Whoever there is reason to look at, then whoever's turn it is. */
  #nextTarget(): number | undefined {
    const { table, rotation } = this.#parts
    while (this.#urgent.length > 0) {
      const index = table.indexOf(this.#urgent.shift() as NodeId)
      if (index >= 0 && rotation.has(index)) return index
    }
    return rotation.next()
  }

  #askOthers(): void {
    const { timing, now, members } = this.#context
    const { pinger } = this.#parts
    const probe = this.#probe
    probe.direct = false
    const isUnfit = (id: NodeId): boolean => id === probe.target || members.get(id)?.status !== 'alive'
    probe.ask(this.#parts.members.pickUniformly(timing.indirectProbes, isUnfit))
    const remaining = Math.min(MAX_PATIENCE_MS, probe.endsAt - now)
    const patienceMs = Math.max(0, Math.floor(HELPERS_PART * remaining))
    const { sequence, target } = probe
    const body = writePingRequest({ sequence, target, patienceMs })
    for (const helper of probe.helpers) this.#context.send(helper, TAGS.pingRequest, body)
    pinger.ping(probe.index, sequence, 'stream')
  }

  /**
   * Nothing came. Helpers whose word is missing too speak against this node's own links; those that said that they got no answer speak for them, so the failure of others moves no score
   * (Lifeguard, section 4.1). Where nobody could be asked, there is no evidence either way.
   */
  #fail(): void {
    const { counters, health, adaptive } = this.#parts
    const probe = this.#probe
    probe.active = false
    counters.failedProbes++
    if (adaptive) health.worsen(probe.missingNacks, 'unanswered')
    this.#parts.accuse(probe.target, 'stream')
  }

  get #factor(): number {
    return this.#parts.adaptive ? this.#parts.health.factor : 1
  }
}
