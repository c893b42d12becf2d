import type { Random } from '@colony/host'
import type { NodeState } from '../wire/messages.ts'
import type { Suspicion } from './suspicion.ts'

/** What is known of one member. Changed in place by the rules of membership only. */
export interface MemberRecord {
  readonly name: string
  ip: Uint8Array
  port: number
  /** `ip` and `port` as text. */
  endpoint: string
  meta: Uint8Array
  /** Protocol least, most, current; delegate's least, most, current. */
  versions: Uint8Array
  incarnation: number
  state: NodeState
  /** When the state changed. */
  changedAt: number
  /** While it is suspect. */
  suspicion: Suspicion | undefined
}

/** Protocol version from which on a peer checks sums of packets. */
const CHECKSUM_VERSION = 5

/** Whether packets to a member may begin with a check sum. */
export function knowsChecksums(record: MemberRecord): boolean {
  return (record.versions[1] ?? 0) >= CHECKSUM_VERSION
}

/** Whether a member is alive or suspect: both are members. */
export function isPresent(record: MemberRecord): boolean {
  return record.state === 'alive' || record.state === 'suspect'
}

/** Everybody who is known, in an order that is shuffled anew for every round of probes. */
export class MemberTable {
  readonly #random: Random
  readonly #byName = new Map<string, MemberRecord>()
  readonly #byEndpoint = new Map<string, MemberRecord>()
  #order: MemberRecord[] = []
  #next = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** How many are alive or suspect, this node included. */
  get size(): number {
    let size = 0
    for (const record of this.#order) if (isPresent(record)) size++
    return size
  }

  /** How many are known, whatever their state. */
  get known(): number {
    return this.#order.length
  }

  /** The member of that name. */
  get(name: string): MemberRecord | undefined {
    return this.#byName.get(name)
  }

  /** Who said last that it listens there. */
  at(endpoint: string): MemberRecord | undefined {
    return this.#byEndpoint.get(endpoint)
  }

  /** Everybody, in a stable order. */
  all(): Iterable<MemberRecord> {
    return this.#byName.values()
  }

  /** Takes in a new member, somewhere in what is left of this round of probes: at its end, a crash right after joining would be seen late (SWIM, section 4.3). */
  add(record: MemberRecord): void {
    this.#byName.set(record.name, record)
    this.#byEndpoint.set(record.endpoint, record)
    const at = this.#random.integer(0, this.#order.length)
    const moved = this.#order[at]
    if (moved === undefined) {
      this.#order.push(record)
      return
    }
    this.#order[at] = record
    this.#order.push(moved)
  }

  /** A member listens elsewhere now. */
  move(record: MemberRecord, ip: Uint8Array, port: number, endpoint: string): void {
    if (this.#byEndpoint.get(record.endpoint) === record) this.#byEndpoint.delete(record.endpoint)
    record.ip = ip
    record.port = port
    record.endpoint = endpoint
    this.#byEndpoint.set(endpoint, record)
  }

  /** Forgets members for which `gone` holds. */
  forget(gone: (record: MemberRecord) => boolean): MemberRecord[] {
    const forgotten = this.#order.filter(gone)
    for (const record of forgotten) {
      this.#byName.delete(record.name)
      if (this.#byEndpoint.get(record.endpoint) === record) this.#byEndpoint.delete(record.endpoint)
    }
    if (forgotten.length > 0) this.#order = this.#order.filter((record) => !gone(record))
    return forgotten
  }

  /** The next member to probe for which `wanted` holds: all in turn, in another order each time around; `undefined` when there is none. */
  nextToProbe(wanted: (record: MemberRecord) => boolean): MemberRecord | undefined {
    for (let tried = 0; tried <= this.#order.length; tried++) {
      if (this.#next >= this.#order.length) {
        this.#shuffle()
        this.#next = 0
      }
      const record = this.#order[this.#next++]
      if (record !== undefined && wanted(record)) return record
    }
    return undefined
  }

  /** Up to `count` different members for which `wanted` holds, drawn uniformly. */
  pick(count: number, wanted: (record: MemberRecord) => boolean): MemberRecord[] {
    const candidates = this.#order.filter(wanted)
    const picked = Math.min(count, candidates.length)
    for (let at = 0; at < picked; at++) {
      const drawn = this.#random.integer(at, candidates.length - 1)
      const swapped = candidates[at]
      const taken = candidates[drawn]
      if (swapped === undefined || taken === undefined) continue
      candidates[at] = taken
      candidates[drawn] = swapped
    }
    return candidates.slice(0, picked)
  }

  #shuffle(): void {
    this.#order = this.pick(this.#order.length, () => true)
  }
}
