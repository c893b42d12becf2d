/**
 * Deterministic simulation, fault injection and linearizability checking for distributed TypeScript.
 * @packageDocumentation
 * @mergeModuleWith <project>
 */
export { createWorld, type WaitOptions, World } from './world/world.ts'
export { type NetworkOptions, type WorldOptions } from './world/world-options.ts'
export {
  type Boot,
  type ClockChange,
  type CrashOptions,
  type NodeState,
  SimulatedNode,
} from './world/simulated-node.ts'
export {
  type DiskLatency,
  type DiskOperation,
  type DiskPending,
  SimulatedDisk,
  type SimulatedDiskOptions,
} from './disk/index.ts'
export { SimulatedNetwork } from './network/simulated-network.ts'
export { type LinkChange, type LinkSelection, type LinkSettings } from './network/link-settings.ts'
export { type NetworkStats } from './network/network-stats.ts'
export { type GeneratedFault } from './faults/episode-makers.ts'
export { generateFaults, type GenerateFaultsOptions, mendEverything } from './faults/generate-faults.ts'
export type {
  ClockStep,
  CrashStep,
  CutStep,
  FaultKind,
  FaultStep,
  HealStep,
  LifecycleStep,
  NetworkStep,
  PartitionStep,
  TimedStep,
  TimersStep,
} from './faults/fault-step.ts'
export { History, type OperationHandle } from './history/history.ts'
export { type Operation, type Outcome } from './history/operation.ts'
export { type CheckOptions, type CheckResult, checkLinearizable } from './check/linearizability.ts'
export { type Model, type Step } from './check/model.ts'
export { mapModel } from './check/map-model.ts'
export { registerModel, type RegisterModelOptions } from './check/register-model.ts'
export { valueKey } from './check/value-key.ts'
export { type Witness } from './check/witness.ts'
export { checkDeterminism } from './trace/determinism.ts'
export { type TraceOptions } from './trace/trace.ts'
export { formatSeed, parseSeed, type Seed, type SeedOptions, seedsFromEnvironment } from './run/seeds.ts'
export { runSeeds, type RunSeedsOptions } from './run/run-seeds.ts'
export { type ReproOptions, reproLine } from './run/repro.ts'
export { TestingError, type TestingErrorCode } from './errors.ts'
