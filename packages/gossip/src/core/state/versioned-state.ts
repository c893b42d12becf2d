import type { ByteReader, ByteWriter, NodeId } from '@colony/host'
import type { Component, CoreContext, Section } from '../component.ts'
import type { Member } from '../members/member.ts'
import type { Fingerprint } from '../sync/fingerprint.ts'
import { TAGS } from '../wire/tags.ts'
import { DeltaQueue } from './delta-queue.ts'
import { OwnState } from './own-state.ts'
import { DEFAULT_STATE_LIMITS, type StateLimits, type StateRefusal } from './state-limits.ts'
import { readRun, type StateRun } from './state-run.ts'
import { type MergeOutcome, StateStore } from './state-store.ts'

/** Tombstones are dropped in sweeps, so many in the time that one is kept: each lives at most this part longer. */
const SWEEPS_PER_LIFE = 8

/** Is told that something of `owner` is missing here which `from` has, having sent what follows it. */
export type GapListener = (owner: NodeId, from: NodeId) => void

/**
 * The versioned state of all members: what this node says of itself, what it knows of the others, and how changes are spread.
 */
export class VersionedState implements Component {
  /** Copies, for whoever compares them. */
  readonly store: StateStore
  /** What is piggybacked. */
  readonly deltas: Section
  /** Set by anti-entropy. */
  onGap: GapListener = () => {}
  readonly #context: CoreContext
  readonly #own: OwnState
  readonly #queue: DeltaQueue
  #nextSweep = Number.POSITIVE_INFINITY

  constructor(context: CoreContext, fingerprint: Fingerprint, limits: Partial<StateLimits> = {}) {
    this.#context = context
    this.store = new StateStore(context, fingerprint, { ...DEFAULT_STATE_LIMITS, ...limits })
    this.#queue = new DeltaQueue(context, this.store)
    this.#own = new OwnState(context, this.store, (before) => this.#spread(context.self, before))
    this.deltas = new DeltaSection(context, this.#queue, (run, from) => this.#heard(run, from))
  }

  get deadline(): number {
    return Math.min(this.#own.deadline, this.#nextSweep)
  }

  tick(): void {
    const { now, timing } = this.#context
    if (this.#own.deadline <= now) this.#own.tick()
    if (this.#nextSweep > now) return
    this.store.dropTombstones(now - timing.tombstoneMs)
    this.#nextSweep = Number.POSITIVE_INFINITY
    this.#planSweep()
  }

  /** Sets a key of this node's own, or deletes it; `ttlMs` later it deletes itself. Why it was refused, if it was. */
  set(key: string, value: Uint8Array | undefined, ttlMs?: number): StateRefusal | undefined {
    return this.#own.set(key, value, ttlMs)
  }

  /** Takes in a run, from a packet or by anti-entropy; `small`: it is worth passing on by piggyback. */
  take(run: StateRun, spread: boolean): MergeOutcome {
    if (run.id === this.#context.self) {
      this.#own.claimed(run.life, run.target)
      return 'old'
    }
    const { life, version } = this.store.mark(run.id)
    const outcome = this.store.merge(run)
    if (outcome === 'taken' && spread) this.#spread(run.id, run.life === life ? version : 0)
    this.#planSweep()
    return outcome
  }

  /** Somebody has a copy of this node's own state. */
  claimed(life: number, version: number): void {
    this.#own.claimed(life, version)
  }

  /** Another member was heard of who knows all that is known here. */
  agreed(): void {
    this.#queue.agreed()
  }

  /** The table of members has changed. */
  memberChanged(id: NodeId, after: Member | undefined): void {
    if (id === this.#context.self && after !== undefined) this.#own.atLeast(after.incarnation.epoch)
    this.store.memberChanged(id, after)
  }

  #heard(run: StateRun, from: NodeId): void {
    if (this.take(run, true) === 'gap') this.onGap(run.id, from)
  }

  #spread(id: NodeId, before: number): void {
    this.#queue.add(id, before)
    this.#planSweep()
  }

  #planSweep(): void {
    if (!this.store.hasTombstones || this.#nextSweep !== Number.POSITIVE_INFINITY) return
    this.#nextSweep = this.#context.now + this.#context.timing.tombstoneMs / SWEEPS_PER_LIFE
  }
}

/** Recent changes of states, in packets that are sent anyway. */
class DeltaSection implements Section {
  readonly tag: number = TAGS.deltas
  readonly #context: CoreContext
  readonly #queue: DeltaQueue
  readonly #take: (run: StateRun, from: NodeId) => void

  constructor(context: CoreContext, queue: DeltaQueue, take: (run: StateRun, from: NodeId) => void) {
    this.#context = context
    this.#queue = queue
    this.#take = take
  }

  get backlog(): number {
    return this.#queue.bytes
  }

  write(writer: ByteWriter, budget: number, to: NodeId): number {
    return this.#queue.write(writer, budget, to)
  }

  read(reader: ByteReader, from: NodeId): void {
    while (reader.remaining > 0) {
      const run = readRun(reader)
      if (run === undefined) {
        this.#context.drop('malformed-delta')
        return
      }
      this.#take(run, from)
    }
  }
}
