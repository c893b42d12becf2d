import type { NodeId } from '@colony/host'
import type { CoreContext } from '../component.ts'
import type { Counting } from '../counters.ts'
import type { Member } from '../members/member.ts'
import type { MemberTable } from '../members/member-table.ts'
import type { Rotation } from '../members/rotation.ts'
import { Arrivals, PHI_THRESHOLD } from './arrivals.ts'
import type { Detector, DetectorParts } from './detector.ts'
import type { LocalHealth } from './local-health.ts'
import type { Pinger } from './pinger.ts'

/** Members that are pinged at every interval: their answers are the heartbeats. In clusters of up to eleven that is everybody. */
const PINGS_EACH_INTERVAL = 10

/** What a {@link PhiDetector} works with. */
export interface PhiParts extends DetectorParts {
  readonly table: MemberTable
  readonly rotation: Rotation
  readonly pinger: Pinger
  readonly health: LocalHealth
  readonly counters: Counting
}

/**
 * The phi accrual detector as an alternative to probes through others: whoever is heard at some rhythm is suspected when it is silent for 18.4 times as long. It adapts to any
 * link by itself and takes longer the more members there are: each is heard once in about n / 20 intervals.
 */
export class PhiDetector implements Detector {
  readonly #context: CoreContext
  readonly #parts: PhiParts
  readonly #arrivals = new Arrivals()
  #nextAt: number
  /** Somebody has answered since the last judgement. */
  #answered = false

  constructor(context: CoreContext, parts: PhiParts) {
    this.#context = context
    this.#parts = parts
    this.#nextAt = context.now
  }

  get deadline(): number {
    return this.#parts.rotation.size === 0 ? Infinity : this.#nextAt
  }

  tick(): void {
    const { now, timing } = this.#context
    this.#nextAt = now + timing.probeIntervalMs
    const pings = Math.min(PINGS_EACH_INTERVAL, this.#parts.rotation.size)
    for (let ping = 0; ping < pings; ping++) this.#ping(this.#parts.rotation.next())
    this.#judge()
    this.#recover()
  }

  heard(from: NodeId): void {
    const index = this.#parts.table.indexOf(from)
    if (index >= 0) this.#arrivals.add(index, this.#context.now)
  }

  acked(): void {
    this.#parts.counters.acks++
    this.#answered = true
  }

  nacked(): void {
    // Nobody is asked for help.
  }

  probeSoon(id: NodeId): void {
    const index = this.#parts.table.indexOf(id)
    if (index >= 0 && this.#parts.rotation.has(index)) this.#ping(index)
  }

  stalled(ms: number): void {
    this.#arrivals.postpone(ms)
  }

  memberChanged(_before: Member | undefined, after: Member | undefined): void {
    if (after === undefined) return
    const index = this.#parts.table.indexOf(after.id)
    if (!this.#parts.rotation.has(index)) this.#arrivals.forget(index)
    else if (after.status === 'alive') this.#arrivals.begin(index, this.#context.now, this.#expectedMs())
  }

  #ping(index: number | undefined): void {
    if (index === undefined) return
    this.#parts.counters.probes++
    this.#parts.pinger.ping(index, this.#parts.pinger.next(), 'datagram')
  }

  #judge(): void {
    const { rotation, table, health } = this.#parts
    const { now, timing } = this.#context
    const silent: NodeId[] = []
    for (let place = 0; place < rotation.size; place++) {
      const index = rotation.at(place)
      const phi = this.#arrivals.phi(index, now, timing.minProbeTimeoutMs)
      if (phi > PHI_THRESHOLD * health.factor && table.statusAt(index) === 'alive')
        silent.push(table.idAt(index))
    }
    for (const id of silent) this.#parts.accuse(id, 'phi')
  }

  /** One answer an interval speaks for this node, as it does where one member is probed at a time: else it would judge ever more slowly, and for good. */
  #recover(): void {
    if (this.#answered) this.#parts.health.improve()
    this.#answered = false
  }

  /** Twice an interval for each round of pings: its own pings make two arrivals of what we count as one. */
  #expectedMs(): number {
    const rounds = Math.max(1, this.#parts.rotation.size / PINGS_EACH_INTERVAL)
    return rounds * this.#context.timing.probeIntervalMs
  }
}
