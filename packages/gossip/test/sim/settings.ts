import type { Random } from '@colony/host'
import type { Timing } from '../../src/core/timing.ts'

/** What differs from seed to seed; see `Scenario.settings`. */
export interface Settings {
  readonly timing: Timing
  readonly packetBytes: number
  /** Nodes with a seed list of one, the first node; else everybody is everybody's seed. */
  readonly oneSeed: boolean
  /** Bytes a second that each node may send on its own account; absent: no limit. */
  readonly bandwidth?: number
  /** Whether nodes are spread over zones. */
  readonly zones: number
  readonly detector: 'swim' | 'phi'
  /** After a wipe the node's clock is behind by so much. */
  readonly wipedClockBehindMs: number
  /** How far the time of day by which the last node stamps shared values is ahead, in milliseconds; below zero: behind. */
  readonly wrongClockMs: number
  /** Whether two parts of the cluster are kept from each other once more at the end, for longer than any suspicion. */
  readonly splits: boolean
}

/**
 * Ten times as quick as a local network would be, so that the few seconds of a run hold many suspicions, reconnections and forgettings, and faults of a second are
 * longer than any suspicion.
 */
export function drawSettings(random: Random): Settings {
  const probeIntervalMs = random.integer(80, 200)
  const probeTimeoutMs = Math.floor(probeIntervalMs / 2)
  const reapAfterMs = random.float() < 0.5 ? 60_000 : random.integer(1500, 4000)
  const timing: Timing = {
    probeIntervalMs,
    probeTimeoutMs,
    minProbeTimeoutMs: random.integer(10, probeTimeoutMs),
    indirectProbes: random.integer(1, 3),
    suspicionFactor: random.integer(2, 5),
    maxSuspicionFactor: random.integer(1, 6),
    gossipIntervalMs: random.integer(20, 60),
    gossipFanout: random.integer(1, 3),
    retransmitFactor: random.integer(1, 4),
    syncIntervalMs: random.integer(1000, 4000),
    reconnectIntervalMs: random.integer(300, 800),
    maxReconnectIntervalMs: random.integer(1000, 2500),
    reapAfterMs,
    tombstoneMs: 120_000,
  }
  const settings: Omit<Settings, 'timing'> = {
    packetBytes: random.float() < 0.5 ? 1400 : random.integer(500, 700),
    oneSeed: random.float() < 0.5,
    ...(random.float() < 0.2 && { bandwidth: random.integer(20_000, 60_000) }),
    zones: random.float() < 0.3 ? random.integer(2, 3) : 0,
    detector: random.float() < 0.2 ? 'phi' : 'swim',
    wipedClockBehindMs: random.float() < 0.3 ? random.integer(1000, 100_000) : 0,
    splits: random.float() < 0.4,
    wrongClockMs: 0,
  }
  // What was forgotten of members is told from what nobody knew by floors that last as long: so only where no member is forgotten.
  const areKept = reapAfterMs < 60_000 || random.float() < 0.6
  const tombstoneMs = areKept ? timing.tombstoneMs : random.integer(5000, 8000)
  const isWrong = random.float() < 0.4
  const wrongClockMs = isWrong
    ? Math.round((random.float() < 0.7 ? 1 : -1) * 10 ** (2 + 6 * random.float()))
    : 0
  return { ...settings, wrongClockMs, timing: { ...timing, tombstoneMs } }
}
