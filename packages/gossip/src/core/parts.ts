import type { NodeId } from '@colony/host'
import type { Component, Section } from './component.ts'
import type { CoreState } from './core-state.ts'
import type { Counting } from './counters.ts'
import { Detection } from './detection/detection.ts'
import { LocalHealth } from './detection/local-health.ts'
import { Broadcasts } from './dissemination/broadcasts.ts'
import { GossipTick } from './dissemination/gossip-tick.ts'
import { LamportClock } from './dissemination/lamport-clock.ts'
import { News } from './dissemination/news.ts'
import { Queries } from './dissemination/queries.ts'
import { Life } from './life/life.ts'
import { ZonePreference } from './life/zones.ts'
import type { Membership } from './members/membership.ts'
import { type MembershipData, membershipOf } from './members/membership-table.ts'
import type { MembershipListener } from './members/membership-parts.ts'
import type { VerdictLog } from './members/verdict-log.ts'
import type { ResolvedOptions } from './options.ts'
import { SharedState } from './state/shared-state.ts'
import { VersionedState } from './state/versioned-state.ts'
import { Fingerprint } from './sync/fingerprint.ts'
import { Sync } from './sync/sync.ts'
import { PacketComposer } from './wire/packet-composer.ts'
import { TAGS } from './wire/tags.ts'
import { TokenBucket } from './wire/token-bucket.ts'

/** Parts of a packet's room, relative to each other. */
const UPDATES_WEIGHT = 4
const DELTAS_WEIGHT = 2
const SHARED_WEIGHT = 1
const BROADCASTS_WEIGHT = 2
const QUERIES_WEIGHT = 1

/** All parts of a core, put together here and nowhere else. */
export class Parts {
  readonly health: LocalHealth
  readonly detection: Detection
  readonly membership: Membership
  readonly verdicts: VerdictLog
  readonly news: News
  readonly broadcasts: Broadcasts
  readonly queries: Queries
  readonly fingerprint: Fingerprint = new Fingerprint()
  readonly state: VersionedState
  readonly shared: SharedState
  readonly sync: Sync
  readonly life: Life
  readonly composer: PacketComposer
  /** Whose deadlines change with every probe and answer; ticked first. */
  readonly restless: readonly Component[]
  /** The others, ticked in this order. Their deadlines come nearer only by a tick, an input, news of a member, or a section that is not a probe's. */
  readonly components: readonly Component[]
  readonly sections: readonly Section[]

  constructor(state: CoreState, data: MembershipData, options: ResolvedOptions, counters: Counting) {
    this.health = new LocalHealth((score, reasons) => state.emit({ type: 'health', score, reasons }))
    const { membership, verdicts } = membershipOf(state, data, {
      epoch: options.epoch,
      maxMembers: options.maxMembers,
      admit: options.admit,
      merge: options.merge,
      watch: options.onTransition,
      contact: (at, tag, body) => state.contact(at, tag, body),
      refuted: () => {
        counters.refutations++
        if (options.lifeguard.probe) this.health.worsen(1, 'refuted')
      },
    })
    this.membership = membership
    this.verdicts = verdicts
    const { detector, lifeguard } = options
    this.detection = new Detection(state, {
      data,
      membership,
      health: this.health,
      counters,
      detector,
      lifeguard,
    })
    this.news = new News(state, membership, { buddy: lifeguard.buddy })
    const clock = new LamportClock()
    this.broadcasts = new Broadcasts(state, clock, options.epoch)
    this.queries = new Queries(state, clock, options.epoch)
    this.state = new VersionedState(state, this.fingerprint, options.state)
    this.shared = new SharedState(state, this.fingerprint, {
      limits: options.state,
      wallOffsetMs: options.wallOffsetMs,
    })
    this.sync = new Sync(
      state,
      this.fingerprint,
      {
        self: options.id,
        register: {
          all: () => state.members.all(),
          record: (id) => membership.record(id),
          applyAll: (updates, path, from) => membership.applyAll(updates, path, from),
        },
        state: this.state,
        shared: this.shared,
      },
      {
        // What the node may send at all bounds what it may send for comparing.
        bytesPerSecond: Math.min(options.syncBytesPerSecond, options.bandwidth),
        agreed: () => this.news.agreed(),
        contradicted: (id) => this.life.gone.contradicted(id),
      },
    )
    const bandwidth = new TokenBucket(options.bandwidth, state)
    this.composer = new PacketComposer({
      cluster: options.cluster,
      packetBytes: options.packetBytes,
      streamBytes: options.streamBytes,
      classes: [
        { section: this.news, weight: UPDATES_WEIGHT },
        { section: this.state.deltas, weight: DELTAS_WEIGHT },
        { section: this.shared, weight: SHARED_WEIGHT },
        { section: this.broadcasts, weight: BROADCASTS_WEIGHT },
        { section: this.queries, weight: QUERIES_WEIGHT },
      ],
      attached: [{ to: TAGS.ack, section: this.sync.summary }],
      activity: state,
      bandwidth,
    })
    state.connect(this.composer)
    this.life = new Life(state, {
      register: membership,
      syncWith: (peer) => this.sync.start(peer),
      contact: (at, tag, body) => state.contact(at, tag, body),
      spareBytes: () => bandwidth.available,
    })
    const gossip = new GossipTick(state, {
      composer: this.composer,
      bandwidth,
      recentlyFailed: () => this.life.gone.recentlyFailed(),
      output: (to, packet) => state.output(to, packet),
    })
    const zones = new ZonePreference(options.id, options.zone, options.random.fork('zones'))
    state.members.preference = {
      pick: (count, except) => (zones.active ? zones.pick(count, except) : undefined),
    }
    const listeners: MembershipListener[] = [this.detection, zones, this.sync, this.life]
    membership.connect({
      news: {
        spread: (update) => {
          state.changes++
          this.news.spread(update)
        },
        forget: (id) => this.news.forget(id),
      },
      suspicions: this.detection,
      evidence: this.detection.evidence,
      listeners,
    })
    this.restless = this.detection.restless
    this.components = [
      this.sync,
      this.broadcasts.deliveries,
      this.broadcasts.receipts,
      this.queries,
      this.queries.answers,
      this.state,
      this.shared,
      this.life,
      gossip,
    ]
    this.sections = [
      ...this.detection.sections,
      this.news,
      this.broadcasts,
      this.broadcasts.receipts,
      this.queries,
      this.queries.answers,
      this.state.deltas,
      this.shared,
      this.sync.summary,
      this.sync.digest,
      this.sync.chunk,
      ...this.life.sections,
    ]
  }

  /** A packet of this cluster came from `from`. */
  heard(from: NodeId): void {
    this.detection.heard(from)
    this.life.heard(from)
  }

  /** The event loop came `ms` late. */
  stalled(ms: number): void {
    this.detection.stalled(ms)
  }

  /** A connection with `peer` was ended. */
  peerClosed(peer: NodeId): void {
    this.detection.peerClosed(peer)
  }
}
