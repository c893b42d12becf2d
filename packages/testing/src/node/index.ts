/**
 * What needs Node: suites over all cores, files of scenarios and pictures, real processes under faults.
 * @module node
 */
export { serveParent, tellParent } from './process/child-side.ts'
export {
  createLinkProxy,
  LinkProxy,
  type LinkProxyOptions,
  type LinkProxyStats,
  type ProxyDirection,
} from './process/link-proxy.ts'
export { machineClock } from './process/machine-clock.ts'
export { createProcessGroup, ProcessGroup, type ProcessGroupOptions } from './process/process-group.ts'
export {
  type ControlledProcess,
  createProcessNode,
  ProcessNode,
  type RealNode,
} from './process/process-node.ts'
export { createProxyNetwork, ProxyNetwork, type ProxyNetworkOptions } from './process/proxy-network.ts'
export { type RealTargets } from './process/real-fault.ts'
export {
  createRealNemesis,
  type InflictedStep,
  RealNemesis,
  type RealNemesisOptions,
  type TimetableOptions,
} from './process/real-nemesis.ts'
export {
  type HearOptions,
  type ProcessEnd,
  type ProcessOptions,
  type ProcessState,
  RealProcess,
} from './process/real-process.ts'
export { type CommitSeedOptions, seedsOfCommit } from './runner/commit-seeds.ts'
export { exploreInWorkers, type WorkerOptions } from './runner/explore-in-workers.ts'
export { type PinnedScenario, pinnedScenarios, runPinnedScenarios } from './runner/pinned-scenarios.ts'
export { saveInto } from './runner/save-into.ts'
