import type { Claim } from '../core/claim.ts'
import type { RequestState, TableOwner, TableRequest } from '../core/table-request.ts'

/** A process that uses the table, as every replica knows it. */
export class SessionRecord {
  /** Index of the entry that opened it. */
  readonly id: number
  /** Where it runs. */
  readonly node: string
  /** How long it lasts after its last sign of life. */
  readonly ttlMs: number
  /** False: its lease is over. It stays known for as long as it has locks whose leases are not. */
  open = true
  /** Index of its last sign of life: names its present lease. */
  version: number
  /** Requests below have been answered. */
  oldest = 0
  /** Requests from `oldest` on that were ended, perhaps before they arrived. */
  readonly ended: Set<number> = new Set()
  /** Waiting and held. */
  readonly requests: Map<number, LeasedRequest> = new Map()

  constructor(id: number, node: string, ttlMs: number) {
    this.id = id
    this.node = node
    this.ttlMs = ttlMs
    this.version = id
  }

  /** All requests below `oldest` have been answered: whether they were ended needs no remembering. */
  forgetBefore(oldest: number): void {
    if (oldest <= this.oldest) return
    this.oldest = oldest
    for (const number of this.ended) if (number < oldest) this.ended.delete(number)
  }

  /** Whether a request of this number comes late: it is over for whoever made it. */
  isLate(number: number): boolean {
    return number < this.oldest || this.ended.has(number)
  }

  /** Nothing that comes of this request counts from now on. */
  noteEnd(number: number): void {
    if (number >= this.oldest) this.ended.add(number)
  }
}

/** An owner of locks, who may have some of several sessions of one process. */
export class OwnerRecord implements TableOwner {
  readonly id: number
  readonly key: string
  readonly name: string
  readonly priority: number
  readonly requests: Set<TableRequest> = new Set()

  constructor(id: number, key: string, name: string, priority: number) {
    this.id = id
    this.key = key
    this.name = name
    this.priority = priority
  }
}

/** A request and the lock that comes of it. */
export class LeasedRequest implements TableRequest {
  readonly id: number
  readonly session: SessionRecord
  /** Unique in the session. */
  readonly number: number
  readonly owner: OwnerRecord | undefined
  readonly claims: readonly Claim[]
  /** 0: it lasts as long as its session. */
  ttlMs: number
  state: RequestState = 'new'
  token = 0
  /** Index of the entry with which its present lease began. */
  version = 0

  constructor(
    id: number,
    session: SessionRecord,
    asked: { readonly number: number; readonly claims: readonly Claim[]; readonly ttlMs: number },
    owner: OwnerRecord | undefined,
  ) {
    this.id = id
    this.session = session
    this.number = asked.number
    this.claims = asked.claims
    this.ttlMs = asked.ttlMs
    this.owner = owner
  }
}
