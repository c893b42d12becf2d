import type { NodeId } from '@colony/host'
import type { Component, CoreContext } from '../component.ts'
import { compareIncarnations } from '../members/incarnation.ts'
import type { Member, Verdict } from '../members/member.ts'
import { type SuspicionTime, suspicionMs, suspicionTime } from './suspicion-time.ts'

interface Suspicion {
  readonly time: SuspicionTime
  readonly accuser: NodeId
  /** Others who said the same, each once; at most as many as count. */
  readonly confirmations: NodeId[]
  /** Later than it was by as long as this process stood still. */
  startedAt: number
  endsAt: number
}

/** What follows from a suspicion. */
export interface SuspicionParts {
  /** The suspect did not refute in time. */
  expired(id: NodeId): void
  /** By how much longer than others this member may take: one that refuted many false complaints. */
  patience(id: NodeId): number
  /** A suspicion is over, whatever its outcome: `accuser` was the first, and so many said the same. */
  ended(before: Member, after: Member | undefined, accuser: NodeId, confirmations: number): void
}

const NOBODY: readonly NodeId[] = []

/** The suspects, each with the time that it has to refute. */
export class Suspicions implements Component {
  readonly #context: CoreContext
  readonly #parts: SuspicionParts
  readonly #shrinks: boolean
  readonly #suspicions = new Map<NodeId, Suspicion>()
  /** Not above the earliest end. */
  #deadline = Number.POSITIVE_INFINITY

  /** `shrinks`: with confirmations (Lifeguard); else it lasts for the least time (SWIM). */
  constructor(context: CoreContext, parts: SuspicionParts, shrinks: boolean) {
    this.#context = context
    this.#parts = parts
    this.#shrinks = shrinks
  }

  get deadline(): number {
    return this.#deadline
  }

  /** How many suspects there are. */
  get size(): number {
    return this.#suspicions.size
  }

  /** When a suspect will be declared failed. */
  endsAt(id: NodeId): number | undefined {
    return this.#suspicions.get(id)?.endsAt
  }

  /** Another member says the same. Whether it is new, and counts. */
  confirm(id: NodeId, accuser: NodeId): boolean {
    const suspicion = this.#suspicions.get(id)
    if (suspicion === undefined || accuser === suspicion.accuser) return false
    const { confirmations, time } = suspicion
    if (confirmations.length >= time.expected || confirmations.includes(accuser)) return false
    confirmations.push(accuser)
    this.#schedule(suspicion)
    return true
  }

  /** Who confirmed the suspicion of a member. */
  confirmations(id: NodeId): readonly NodeId[] {
    const confirmations = this.#suspicions.get(id)?.confirmations
    return confirmations === undefined || confirmations.length === 0 ? NOBODY : [...confirmations]
  }

  /** A suspicion begins with the status, and anew with every incarnation that is suspected; it ends with the status. */
  memberChanged(before: Member | undefined, after: Member | undefined, why: Verdict | undefined): void {
    const was = before?.status === 'suspect'
    const is = after?.status === 'suspect'
    if (was && is && compareIncarnations(before.incarnation, after.incarnation) === 0) return
    if (was) this.#end(before, after)
    if (is && why !== undefined && after.id !== this.#context.self) this.#begin(after.id, why.accuser)
  }

  /** This process stood still for so long: what came meanwhile may be lost, so all suspects get that time on top. */
  postpone(ms: number): void {
    for (const suspicion of this.#suspicions.values()) {
      suspicion.startedAt += ms
      suspicion.endsAt += ms
    }
  }

  tick(): void {
    const { now } = this.#context
    this.#deadline = Number.POSITIVE_INFINITY
    for (const [id, suspicion] of this.#suspicions) {
      if (suspicion.endsAt <= now) this.#parts.expired(id)
      else this.#deadline = Math.min(this.#deadline, suspicion.endsAt)
    }
  }

  #begin(id: NodeId, accuser: NodeId): void {
    const time = suspicionTime(this.#context.timing, this.#context.members.size, this.#shrinks)
    const patience = this.#parts.patience(id)
    const suspicion: Suspicion = {
      time: { ...time, leastMs: time.leastMs * patience, mostMs: time.mostMs * patience },
      accuser,
      confirmations: [],
      startedAt: this.#context.now,
      endsAt: 0,
    }
    this.#suspicions.set(id, suspicion)
    this.#schedule(suspicion)
  }

  #end(before: Member, after: Member | undefined): void {
    const suspicion = this.#suspicions.get(before.id)
    if (suspicion === undefined) return
    this.#suspicions.delete(before.id)
    this.#parts.ended(before, after, suspicion.accuser, suspicion.confirmations.length)
  }

  #schedule(suspicion: Suspicion): void {
    suspicion.endsAt = suspicion.startedAt + suspicionMs(suspicion.time, suspicion.confirmations.length)
    this.#deadline = Math.min(this.#deadline, suspicion.endsAt)
  }
}
