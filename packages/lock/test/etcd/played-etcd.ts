import {
  type EtcdCompare,
  type EtcdEntry,
  EtcdError,
  type EtcdKeys,
  type EtcdOperation,
  type EtcdRange,
  type EtcdResult,
  type EtcdTxn,
  type EtcdTxnReply,
} from '../../src/etcd/index.ts'

interface Stored extends EtcdEntry {
  readonly lease: string | undefined
}

interface PlayedLease {
  readonly ttlMs: number
  endsAt: number
}

/** A deletion, as a watch tells of it. */
export interface Deletion {
  readonly key: string
  readonly revision: number
}

/** The shortest lease that etcd grants with its defaults, in seconds. */
const SHORTEST_SECONDS = 2

/** etcd with one member, as far as locks need it: keys with revisions, transactions, leases on a clock that is handed in. A test compares it with the real one. */
export class PlayedEtcd {
  /** Of the newest change. A new store has the revision 1. */
  revision = 1
  /** Every deletion there was. */
  readonly deletions: Deletion[] = []
  readonly #keys = new Map<string, Stored>()
  readonly #leases = new Map<string, PlayedLease>()
  #lastLease = 0
  #lastLook = 0

  /** Names of all keys, in their order. */
  keys(): string[] {
    return [...this.#keys.keys()].sort(byCodeUnits)
  }

  txn({ compare, success }: EtcdTxn): EtcdTxnReply {
    if (!compare.every((one) => this.#holds(one))) {
      return { succeeded: false, revision: this.revision, results: [] }
    }
    // etcd looks for leases first: a transaction takes effect as a whole or not at all.
    for (const operation of success) this.#check(operation)
    const next = this.revision + 1
    const results = success.map((operation) => this.#apply(operation, next))
    return { succeeded: true, revision: this.revision, results }
  }

  grantLease(ttlSeconds: number, now: number): { readonly id: string; readonly ttlSeconds: number } {
    this.#lastLease += 1
    const id = String(this.#lastLease)
    const granted = Math.max(SHORTEST_SECONDS, ttlSeconds)
    this.#leases.set(id, { ttlMs: granted * 1000, endsAt: now + granted * 1000 })
    return { id, ttlSeconds: granted }
  }

  keepAlive(id: string, now: number): number {
    const lease = this.#leases.get(id)
    if (lease === undefined) return 0
    lease.endsAt = now + lease.ttlMs
    return lease.ttlMs / 1000
  }

  revokeLease(id: string): void {
    if (!this.#leases.delete(id)) return
    const names = this.keys().filter((key) => this.#keys.get(key)?.lease === id)
    if (names.length === 0) return
    for (const key of names) this.#delete(key, this.revision + 1)
    this.revision += 1
  }

  /** Ends the leases whose time is over. */
  expire(now: number): void {
    this.#lastLook = now
    for (const [id, { endsAt }] of this.#leases) if (endsAt <= now) this.revokeLease(id)
  }

  /** A server that comes back goes on with the time that its leases had left; that of its absence does not count. */
  resumeLeases(now: number): void {
    for (const lease of this.#leases.values()) lease.endsAt += now - this.#lastLook
    this.#lastLook = now
  }

  #holds({ target, revision, ...keys }: EtcdCompare): boolean {
    const found = this.#select(keys)
    if (found.length === 0) return revision === 0
    return found.every(
      (entry) => (target === 'create' ? entry.createRevision : entry.modRevision) === revision,
    )
  }

  #check(operation: EtcdOperation): void {
    if (operation.type !== 'put') return
    const { key, lease, value } = operation
    if (value === undefined && !this.#keys.has(key)) throw new EtcdError(3, 'etcdserver: key not found')
    if (lease !== undefined && !this.#leases.has(lease)) {
      throw new EtcdError(5, 'etcdserver: requested lease not found')
    }
  }

  #apply(operation: EtcdOperation, revision: number): EtcdResult {
    if (operation.type === 'range') return { entries: this.#range(operation), deleted: 0 }
    if (operation.type === 'delete') {
      const found = this.#select(operation)
      for (const { key } of found) this.#delete(key, revision)
      if (found.length > 0) this.revision = revision
      return { entries: [], deleted: found.length }
    }
    const { key, lease } = operation
    const before = this.#keys.get(key)
    const value = operation.value ?? before?.value ?? ''
    const createRevision = before?.createRevision ?? revision
    this.#keys.set(key, { key, value, createRevision, modRevision: revision, lease })
    this.revision = revision
    return { entries: [], deleted: 0 }
  }

  #range({ createdBefore = Number.POSITIVE_INFINITY, limit, ...keys }: EtcdRange): EtcdEntry[] {
    return this.#select(keys)
      .filter(({ createRevision }) => createRevision < createdBefore)
      .sort((one, other) => other.createRevision - one.createRevision)
      .slice(0, limit)
      .map(({ lease: _lease, ...entry }) => entry)
  }

  #select({ key, end }: EtcdKeys): Stored[] {
    return [...this.#keys.values()]
      .filter((entry) => (end === undefined ? entry.key === key : entry.key >= key && entry.key < end))
      .sort((one, other) => byCodeUnits(one.key, other.key))
  }

  #delete(key: string, revision: number): void {
    this.#keys.delete(key)
    this.deletions.push({ key, revision })
  }
}

function byCodeUnits(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
