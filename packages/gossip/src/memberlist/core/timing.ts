/** Named sets of timings, as memberlist has them: for one data centre, for several, for one machine. */
export type MemberlistProfile = 'lan' | 'wan' | 'local'

/** Every interval of the protocol, in milliseconds where nothing else is said. */
export interface MemberlistTiming {
  /** Between two probes. */
  readonly probeIntervalMs: number
  /** How long a direct probe waits before others are asked. */
  readonly probeTimeoutMs: number
  /** How many others. */
  readonly indirectProbes: number
  /** Between two gossip packets. */
  readonly gossipIntervalMs: number
  /** To how many members each goes. */
  readonly gossipFanout: number
  /** How long members that died are gossiped to, so that they may refute, and then forgotten by the protocol. */
  readonly gossipToDeadMs: number
  /** Between two exchanges of everything with somebody; longer in clusters of more than 32. */
  readonly pushPullIntervalMs: number
  /** A message is sent retransmitFactor · ⌈log10(n + 1)⌉ times. */
  readonly retransmitFactor: number
  /** α: the least suspicion is α · max(1, log10 n) probe intervals. */
  readonly suspicionFactor: number
  /** β: the longest suspicion is β times the least. */
  readonly maxSuspicionFactor: number
  /** How long a connection may take altogether. */
  readonly streamTimeoutMs: number
  /** Between two attempts to reach a member that has failed, or a seed while nobody is known. */
  readonly reconnectIntervalMs: number
  /** How long members that failed or left are remembered. */
  readonly reapAfterMs: number
  /** How long a word of farewell may take to get around. */
  readonly leaveTimeoutMs: number
  /** How long this node goes on answering after its farewell. */
  readonly leaveDelayMs: number
}

const LAN: MemberlistTiming = {
  probeIntervalMs: 1_000,
  probeTimeoutMs: 500,
  indirectProbes: 3,
  gossipIntervalMs: 200,
  gossipFanout: 3,
  gossipToDeadMs: 30_000,
  pushPullIntervalMs: 30_000,
  retransmitFactor: 4,
  suspicionFactor: 4,
  maxSuspicionFactor: 6,
  streamTimeoutMs: 10_000,
  reconnectIntervalMs: 10_000,
  reapAfterMs: 86_400_000,
  leaveTimeoutMs: 5_000,
  leaveDelayMs: 1_000,
}

const WAN: MemberlistTiming = {
  ...LAN,
  probeIntervalMs: 5_000,
  probeTimeoutMs: 3_000,
  gossipIntervalMs: 500,
  gossipFanout: 4,
  gossipToDeadMs: 60_000,
  pushPullIntervalMs: 60_000,
  suspicionFactor: 6,
  streamTimeoutMs: 30_000,
  reconnectIntervalMs: 30_000,
}

const LOCAL: MemberlistTiming = {
  ...LAN,
  probeTimeoutMs: 200,
  indirectProbes: 1,
  gossipIntervalMs: 100,
  gossipToDeadMs: 15_000,
  pushPullIntervalMs: 15_000,
  // Peers have 2 here, with which one message in ten of a cluster of four waits for the next exchange of everything.
  retransmitFactor: 4,
  suspicionFactor: 3,
  streamTimeoutMs: 1_000,
  reconnectIntervalMs: 5_000,
}

/** The timings of a profile. */
export function timingOf(profile: MemberlistProfile): MemberlistTiming {
  return { lan: LAN, wan: WAN, local: LOCAL }[profile]
}

/** How often one message is sent, among `size` members. */
export function retransmitLimit(timing: MemberlistTiming, size: number): number {
  return timing.retransmitFactor * Math.ceil(Math.log10(size + 1))
}

/** Above this many members exchanges become rarer, for each sends everything. */
const PUSH_PULL_SCALE_FROM = 32

/** The time between two push/pulls, among `size` members. */
export function pushPullInterval(timing: MemberlistTiming, size: number): number {
  if (size <= PUSH_PULL_SCALE_FROM) return timing.pushPullIntervalMs
  return timing.pushPullIntervalMs * (Math.ceil(Math.log2(size / PUSH_PULL_SCALE_FROM)) + 1)
}
