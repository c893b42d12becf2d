/**
 * Deterministic simulation, fault injection and linearizability checking for distributed TypeScript.
 * @packageDocumentation
 * @mergeModuleWith <project>
 */
export {
  type Boot,
  type ClockChange,
  type CrashOptions,
  type NodeState,
  SimulatedNode,
} from './world/simulated-node.ts'
export type { NetworkOptions, TimelineOptions, WorldOptions } from './world/world-options.ts'
export type { StateOptions, WorldStats } from './world/world-stats.ts'
export { createWorld, type WaitOptions, World } from './world/world.ts'
export { CoreCluster, type CoreClusterOptions, createCoreCluster } from './cores/core-cluster.ts'
export { CoreNetwork } from './cores/core-network.ts'
export { CoreNode } from './cores/core-node.ts'
export type { CorePort, PreviousEnd, SteppedCore } from './cores/stepped-core.ts'
export type { DiskLatency, DiskOperation, DiskPending, SimulatedDiskOptions } from './disk/disk-options.ts'
export type { DiskChange, DiskSettings } from './disk/disk-settings.ts'
export { SimulatedDisk } from './disk/simulated-disk.ts'
export { FaultyNetwork } from './network/faulty-network.ts'
export type { LatencyDistribution, LinkChange, LinkSelection, LinkSettings } from './network/link-settings.ts'
export type { NetworkStats } from './network/network-stats.ts'
export { SimulatedNetwork } from './network/simulated-network.ts'
export { type AtlasEntry, FAULT_ATLAS, type GeneratedFault } from './faults/atlas.ts'
export type {
  ArmedFault,
  ArmStep,
  ClockStep,
  CrashStep,
  CutStep,
  DisarmStep,
  DiskStep,
  FaultKind,
  FaultStep,
  HealStep,
  LifecycleStep,
  LoopStep,
  NetworkStep,
  PartitionStep,
  PlainFault,
  TimedStep,
  TimersStep,
  WipeStep,
  WithoutTime,
} from './faults/fault-step.ts'
export { generateFaults, type GenerateFaultsOptions, mendEverything } from './faults/generate-faults.ts'
export { ringOfMajorities } from './faults/ring-of-majorities.ts'
export type {
  DeliverEvent,
  FaultEvent,
  LoseEvent,
  NoteEvent,
  RoleEvent,
  SendEvent,
  StateEvent,
  Timeline,
  TimelineEvent,
  TimelineInstant,
} from './timeline/timeline.ts'
export { formatScenario, parseScenario } from './scenario/parse-scenario.ts'
export { planScenario } from './scenario/plan-scenario.ts'
export type { Counts, RecordedRun, RunReport, StateCounts } from './scenario/run-report.ts'
export type { ClientOperation, Scenario } from './scenario/scenario.ts'
export { simulate, type SimulateOptions } from './scenario/simulate.ts'
export { type FailureDetails, SimulationFailure } from './scenario/simulation-failure.ts'
export type {
  ClientCall,
  Conditions,
  DrawnFor,
  DrawnOperation,
  SimulationRun,
  Suite,
  Workload,
} from './scenario/suite.ts'
export { shrink, type ShrinkOptions, type ShrinkResult } from './shrink/shrink.ts'
export type { ExploreOptions, SavedFailure, SavedRun } from './run/explore-options.ts'
export { explore } from './run/explore.ts'
export { formatSuiteReport } from './run/format-suite-report.ts'
export { reproLine, type ReproOptions } from './run/repro.ts'
export { baseOf, type RunEnvironment, runEnvironment } from './run/run-environment.ts'
export { runSeeds, type RunSeedsOptions } from './run/run-seeds.ts'
export { formatSeed, parseSeed, type Seed } from './run/seed.ts'
export { type SeedOptions, seedsFromEnvironment } from './run/seeds.ts'
export { mergeReports, type SuiteReport } from './run/suite-report.ts'
export { formatHistory } from './history/format-history.ts'
export { History, type OperationHandle } from './history/history.ts'
export { InvalidHistoryError } from './history/invalid-history.ts'
export type { Operation, Outcome } from './history/operation.ts'
export { parseHistory } from './history/parse-history.ts'
export { appendListModel, type AppendListModelOptions } from './check/append-list-model.ts'
export { bankModel, type BankModelOptions } from './check/bank-model.ts'
export { checkHistory, type CheckHistoryOptions, type Consistency } from './check/check-history.ts'
export type { CheckOptions, CheckResult } from './check/check-result.ts'
export { counterModel, type CounterModelOptions } from './check/counter-model.ts'
export { checkLinearizable } from './check/linearizability.ts'
export { mapModel, type MapModelOptions } from './check/map-model.ts'
export { modelByName, type ModelName, modelNames } from './check/model-by-name.ts'
export type {
  Model,
  RegisterAccess,
  RegisterRead,
  RegisterRefusal,
  RegisterSwap,
  RegisterWrite,
  Step,
} from './check/model.ts'
export { mutexModel, type MutexModelOptions } from './check/mutex-model.ts'
export { queueModel, type QueueModelOptions } from './check/queue-model.ts'
export { registerModel, type RegisterModelOptions } from './check/register-model.ts'
export { checkSequential } from './check/sequential.ts'
export type { SessionGuarantee, SessionViolation } from './check/session-violation.ts'
export { checkSessions } from './check/sessions.ts'
export { setModel, type SetModelOptions } from './check/set-model.ts'
export { valueKey } from './check/value-key.ts'
export type { Witness } from './check/witness.ts'
export { checkDeterminism } from './trace/determinism.ts'
export type { TraceKind, TraceOptions } from './trace/trace.ts'
export { TestingError, type TestingErrorCode } from './errors.ts'
