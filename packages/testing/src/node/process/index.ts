export { serveParent, tellParent } from './child-side.ts'
export {
  createLinkProxy,
  LinkProxy,
  type LinkProxyOptions,
  type LinkProxyStats,
  type ProxyDirection,
} from './link-proxy.ts'
export { machineClock } from './machine-clock.ts'
export { createProcessGroup, ProcessGroup, type ProcessGroupOptions } from './process-group.ts'
export { createProcessNode, ProcessNode, type RealNode } from './process-node.ts'
export { createProxyNetwork, ProxyNetwork, type ProxyNetworkOptions } from './proxy-network.ts'
export { type RealTargets } from './real-fault.ts'
export {
  createRealNemesis,
  type InflictedStep,
  RealNemesis,
  type RealNemesisOptions,
  type TimetableOptions,
} from './real-nemesis.ts'
export {
  type HearOptions,
  type ProcessEnd,
  type ProcessOptions,
  type ProcessState,
  RealProcess,
} from './real-process.ts'
