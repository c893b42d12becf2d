/**
 * Conformance suites as data: what every implementation of an interface must do, for any test runner.
 * `for (const c of transportConformance(factory)) test(c.name, c.run)`.
 * @module conformance
 */
export type { ConformanceCase, ConformancePlace } from './conformance-case.ts'
export { ConformanceError } from './conformance-error.ts'
export { transportConformance } from './transport/transport-conformance.ts'
export type {
  OccupiedTransport,
  TransportAbility,
  TransportFactory,
  TransportNetwork,
} from './transport/transport-factory.ts'
export { diskConformance } from './disk/disk-conformance.ts'
export type { DiskAbility, DiskFactory, DiskPlace } from './disk/disk-factory.ts'
export { storageConformance } from './storage/storage-conformance.ts'
export type {
  LogEntry,
  LogOwner,
  LogRecord,
  LogSnapshot,
  LogStore,
  OpenSnapshot,
  SnapshotGoal,
  SnapshotMembership,
  StorageAbility,
  StorageFactory,
  StoragePlace,
} from './storage/storage-factory.ts'
export { lockConformance } from './lock/lock-conformance.ts'
export type { LockAbility, LockFactory, LockPlace } from './lock/lock-factory.ts'
export type {
  LockAbilities,
  LockClaim,
  LockGrant,
  LockKeeper,
  LockLoss,
  LockParty,
  LockRefusal,
  LockRequest,
  LockValue,
  LockValues,
} from './lock/lock-shape.ts'
export { machineConformance } from './machine/machine-conformance.ts'
export type { Machine, MachineFactory } from './machine/machine-factory.ts'
export { clockConformance, type ClockFactory, type ClockPlace } from './host/clock-conformance.ts'
export { hostConformance, type HostFactory, type HostPlace } from './host/host-conformance.ts'
