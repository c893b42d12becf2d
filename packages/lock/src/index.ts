/**
 * Locks with deadlines, fencing tokens and detection of deadlocks, over pluggable backends.
 * @packageDocumentation
 * @mergeModuleWith <project>
 */
export { createLocks, type Locks } from './runtime/locks.ts'
export type { BaseLock, Fenced, Lock, Released } from './runtime/lock.ts'
export type { Keys, KeySpec } from './runtime/keys.ts'
export type { AcquireOptions, LocksOptions } from './runtime/options.ts'
export type { PermitOptions, ReadWriteLock, Semaphore } from './runtime/named-lock.ts'
export type { Owner, OwnerOptions } from './runtime/owner.ts'
export type { Change, Update, UpdateOptions } from './runtime/update.ts'
export { type Elected, Election, type ElectOptions, type Lead } from './runtime/election.ts'
export { memoryBackend, type MemoryBackendOptions, type MemoryCapabilities } from './memory/memory-backend.ts'
export {
  localQueue,
  type LocalQueueOptions,
  type LocallyQueued,
  type Ownerless,
} from './memory/local-queue.ts'
export type {
  BackendOwner,
  Busy,
  Capabilities,
  Deadlocked,
  Grant,
  GrantRequest,
  LockBackend,
  NotGranted,
  Unfit,
} from './backend.ts'
export type { ValueStore, VersionedValue } from './value-store.ts'
export { FenceGuard, type FenceGuardOptions } from './fencing/fence-guard.ts'
export type { Claim } from './core/claim.ts'
export type { VictimPolicy } from './core/victim.ts'
export {
  type DeadlockParty,
  type DeadlockStep,
  LockError,
  type LockErrorCode,
  type LockErrorOptions,
  type LostBecause,
  type VictimChoice,
} from './errors.ts'
