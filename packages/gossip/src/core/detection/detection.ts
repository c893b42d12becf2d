import type { NodeId } from '@colony/host'
import type { Component, CoreContext, Section } from '../component.ts'
import type { Counting } from '../counters.ts'
import type { Member, Verdict } from '../members/member.ts'
import type { Membership } from '../members/membership.ts'
import type { MembershipData } from '../members/membership-table.ts'
import type { EvidenceSource, SuspicionKeeper } from '../members/membership-parts.ts'
import type { DetectorKind, LifeguardOptions } from '../options.ts'
import { Accusers } from './accusers.ts'
import { Answering } from './answering.ts'
import { ackSection, nackSection } from './answers.ts'
import type { Detector } from './detector.ts'
import type { LocalHealth } from './local-health.ts'
import { PhiDetector } from './phi-detector.ts'
import { Pinger } from './pinger.ts'
import { Prober } from './prober.ts'
import { Relays } from './relays.ts'
import { RoundTrips } from './round-trips.ts'
import { Suspicions } from './suspicions.ts'

/** What {@link Detection} is made with. */
export interface DetectionParts {
  readonly data: MembershipData
  readonly membership: Membership
  readonly health: LocalHealth
  readonly counters: Counting
  readonly detector: DetectorKind
  readonly lifeguard: Required<LifeguardOptions>
}

/** Failure detection, put together: who probes, who answers and helps, how long suspects have, whom to believe. */
export class Detection implements SuspicionKeeper {
  /** Whose deadlines change with every probe and answer. */
  readonly restless: readonly Component[]
  readonly sections: readonly Section[]
  /** What is known here when a verdict is made. */
  readonly evidence: EvidenceSource
  readonly #context: CoreContext
  readonly #parts: DetectionParts
  readonly #roundTrips = new RoundTrips()
  readonly #detector: Detector
  readonly #suspicions: Suspicions
  readonly #accusers: Accusers

  constructor(context: CoreContext, parts: DetectionParts) {
    const { data, membership, health, lifeguard } = parts
    this.#context = context
    this.#parts = parts
    this.#accusers = new Accusers(context)
    this.#suspicions = new Suspicions(
      context,
      {
        expired: (id) => this.#convict(id),
        patience: (id) => (lifeguard.quarantine ? this.#accusers.patience(id) : 1),
        ended: (before, after, accuser, confirmations) =>
          this.#accusers.ended(before, after, accuser, confirmations),
      },
      lifeguard.suspicion,
    )
    const pinger = new Pinger(context, data.table, lifeguard.buddy)
    const relays = new Relays(context, pinger)
    this.#detector = this.#makeDetector(pinger)
    this.evidence = {
      health,
      roundTripMs: (id) => this.#roundTrips.mean(data.table.indexOf(id)),
    }
    this.restless = [this.#detector, relays, this.#suspicions]
    this.sections = [
      new Answering(context, data.table, membership),
      ackSection(context, relays, this.#detector),
      nackSection(context, this.#detector),
      relays,
    ]
  }

  confirm(id: NodeId, accuser: NodeId): boolean {
    return this.#suspicions.confirm(id, accuser)
  }

  confirmations(id: NodeId): readonly NodeId[] {
    return this.#suspicions.confirmations(id)
  }

  believes(accuser: NodeId, accused: NodeId): boolean {
    if (!this.#parts.lifeguard.quarantine || !this.#accusers.isQuarantined(accuser)) return true
    this.#detector.probeSoon(accused)
    return false
  }

  /** A packet of this cluster came from `from`. */
  heard(from: NodeId): void {
    this.#detector.heard(from)
  }

  /** A connection with a member was ended: that may mean its end. */
  peerClosed(id: NodeId): void {
    this.#detector.probeSoon(id)
  }

  /** The event loop came so late. Nobody else is to blame for what was not heard meanwhile. */
  stalled(ms: number): void {
    if (!(ms > 0)) return
    this.#suspicions.postpone(ms)
    this.#detector.stalled(ms)
    // Alone, a node judges nobody, and nobody's answer would make it well again.
    const matters = ms >= this.#context.timing.minProbeTimeoutMs && this.#context.members.size > 1
    if (matters && this.#parts.lifeguard.probe) this.#parts.health.worsen(1, 'stalled')
  }

  memberChanged(before: Member | undefined, after: Member | undefined, why: Verdict | undefined): void {
    this.#suspicions.memberChanged(before, after, why)
    this.#detector.memberChanged(before, after)
    const moved = before !== undefined && after !== undefined && before.address !== after.address
    if (after !== undefined && (before === undefined || moved)) {
      this.#roundTrips.forget(this.#parts.data.table.indexOf(after.id))
    }
  }

  #convict(id: NodeId): void {
    this.#parts.counters.convictions++
    this.#parts.membership.convict(id)
  }

  #makeDetector(pinger: Pinger): Detector {
    const { data, membership, health, counters, detector, lifeguard } = this.#parts
    const { table, rotation, view } = data
    const accuse = (id: NodeId, path: Verdict['path']): void => membership.accuse(id, path)
    if (detector === 'phi') {
      return new PhiDetector(this.#context, { table, rotation, pinger, health, counters, accuse })
    }
    return new Prober(this.#context, {
      table,
      rotation,
      members: view,
      pinger,
      roundTrips: this.#roundTrips,
      health,
      counters,
      adaptive: lifeguard.probe,
      accuse,
    })
  }
}
