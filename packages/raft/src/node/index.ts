/**
 * What touches Node: the log in files.
 * @module node
 */
export { fileStorage, type FileStorageOptions } from './file-storage.ts'
export { fileGroupStorage } from './file-group-storage.ts'
export { publishMetrics, type Measured, type PublishedMetrics } from './publish-metrics.ts'
export { backupFiles, restoreBackupFiles } from './backup-files.ts'
export type { RestoredBackup, RestoreOptions } from '../recovery/restore-backup.ts'
export { forceQuorumRecovery, planQuorumRecovery } from './quorum-files.ts'
export type { AuditRecord } from '../recovery/audit-file.ts'
export type { ForcedRecovery, ForceOptions } from '../recovery/force-recovery.ts'
export type { RecoveryPlan, Survivor } from '../recovery/recovery-plan.ts'
export { checkLog, repairLogFiles } from './log-files.ts'
export type { LogInspection, LogSummary, LogVerdict } from '../recovery/inspect-log.ts'
export type { LogDamage, SegmentReport } from '../recovery/inspect-segment.ts'
export type { SnapshotReport } from '../recovery/inspect-snapshots.ts'
export type { LogRepair, RepairOptions } from '../recovery/repair-log.ts'
