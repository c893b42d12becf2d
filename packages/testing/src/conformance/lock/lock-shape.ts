/**
 * What a request wants of one key: `Claim` of `@colony/lock`.
 * @category Conformance
 */
export interface LockClaim {
  /** What is locked. */
  readonly key: string
  /** Whether other shared claims may hold the key at the same time. */
  readonly shared: boolean
  /** How many permits. */
  readonly permits: number
  /** How many there are. */
  readonly limit: number
}

/**
 * Whoever asks for several locks: `BackendOwner` of `@colony/lock`.
 * @category Conformance
 */
export interface LockParty {
  /** Its name. */
  readonly name: string
  /** Greater is more important. */
  readonly priority: number
}

/**
 * How a lock was lost: `LostBecause` of `@colony/lock`.
 * @category Conformance
 */
export type LockLoss = 'expired' | 'stolen' | 'backend' | 'wounded'

/**
 * What is asked of a backend: `GrantRequest` of `@colony/lock`.
 * @category Conformance
 */
export interface LockRequest {
  /** What is wanted. */
  readonly claims: readonly LockClaim[]
  /** How long the lease is to last. */
  readonly ttlMs: number
  /** How long to wait. */
  readonly waitMs: number
  /** Ends the waiting. */
  readonly signal: AbortSignal | undefined
  /** Who asks. */
  readonly owner: LockParty | undefined
  /** Who gives way in a deadlock. */
  readonly victim: 'requester' | undefined
  /** Whether it waits for the younger only. */
  readonly waitDie: boolean
  /** To be told of a loss. */
  readonly lost: (because: LockLoss) => void
}

/**
 * A lock: `Grant` of `@colony/lock`.
 * @category Conformance
 */
export interface LockGrant {
  /** When the lease began at the earliest. */
  readonly startedAt: number
  /** The fencing token. */
  readonly token: number | bigint
}

/**
 * No lock: `NotGranted` of `@colony/lock`.
 * @category Conformance
 */
export interface LockRefusal {
  /** Why. */
  readonly refused: 'busy' | 'reentrant' | 'mismatch' | 'deadlock'
}

/**
 * A value and its version: `VersionedValue` of `@colony/lock`.
 * @category Conformance
 */
export interface LockValue {
  /** The value. */
  readonly text: string
  /** What a write has to name. */
  readonly version: string
}

/**
 * Values that are compared and set: `ValueStore` of `@colony/lock`.
 * @category Conformance
 */
export interface LockValues {
  /** The newest value. */
  read(key: string): Promise<LockValue | undefined>
  /** Writes, deletes or refuses. */
  write(key: string, expected: string | undefined, text: string | undefined): Promise<boolean>
}

/**
 * What a backend says that it can do: `Capabilities` of `@colony/lock`.
 * @category Conformance
 */
export interface LockAbilities {
  /** Tokens. */
  readonly fencing: boolean
  /** Readers and writers. */
  readonly shared: boolean
  /** Semaphores. */
  readonly semaphore: boolean
  /** Owners. */
  readonly owners: boolean
  /** Values. */
  readonly values: boolean
}

/**
 * `LockBackend` of `@colony/lock`, by its shape: who tests something else with this package needs no locks. That every backend has this shape is checked by
 * the compiler wherever one is handed to {@link lockConformance}.
 * @category Conformance
 */
export interface LockKeeper {
  /** What it can do. */
  readonly capabilities: LockAbilities
  /** Share of a lease by which clocks may run apart. */
  readonly driftRate?: number
  /** Values. */
  readonly values?: LockValues
  /** Asks for a lock. */
  acquire(request: LockRequest): LockGrant | LockRefusal | Promise<LockGrant | LockRefusal>
  /** Extends one. */
  extend(grant: LockGrant, ttlMs: number): number | undefined | Promise<number | undefined>
  /** Gives one back. */
  release(grant: LockGrant): boolean | Promise<boolean>
  /** Ends it. */
  close(): Promise<void>
}
