import { requireDuration, requireInteger, requireOneOf } from '@colony/host'
import { GossipError } from './error.ts'
import type { Profile, Timing } from './timing.ts'

const DAY_MS = 24 * 3_600_000

/** memberlist's `DefaultLANConfig`, which years of use have tuned, where it has the same intervals. */
const LAN: Timing = {
  probeIntervalMs: 1_000,
  probeTimeoutMs: 500,
  minProbeTimeoutMs: 50,
  indirectProbes: 3,
  suspicionFactor: 4,
  maxSuspicionFactor: 6,
  gossipIntervalMs: 200,
  gossipFanout: 3,
  retransmitFactor: 4,
  syncIntervalMs: 30_000,
  reconnectIntervalMs: 5_000,
  maxReconnectIntervalMs: 30_000,
  reapAfterMs: DAY_MS,
  tombstoneMs: DAY_MS,
}

const PROFILES: Readonly<Record<Profile, Timing>> = {
  lan: LAN,
  wan: {
    ...LAN,
    probeIntervalMs: 5_000,
    probeTimeoutMs: 3_000,
    minProbeTimeoutMs: 200,
    suspicionFactor: 6,
    gossipIntervalMs: 500,
    gossipFanout: 4,
    syncIntervalMs: 60_000,
  },
  local: {
    ...LAN,
    probeTimeoutMs: 200,
    minProbeTimeoutMs: 20,
    suspicionFactor: 3,
    gossipIntervalMs: 100,
    retransmitFactor: 2,
    syncIntervalMs: 15_000,
  },
}

const invalid = (message: string): Error => new GossipError('GOSSIP_INVALID_OPTION', message)

/** Longest interval: 30 days. */
const MAX_MS = 30 * DAY_MS

/**
 * The timing of a profile, with what is given in `overrides` in its place.
 * @throws A {@link GossipError} with code `GOSSIP_INVALID_OPTION` for a profile that is none, an interval that is not from 1 ms to 30 days, a number that is out of range, or timeouts
 *   that do not fit together.
 * @category Core
 */
export function timingOf(profile: Profile, overrides: Partial<Timing> = {}): Timing {
  const named = PROFILES[requireOneOf(invalid, 'profile', profile, ['lan', 'wan', 'local'])]
  const timing: Timing = { ...named, ...withoutUndefined(overrides) }
  requireDurations(timing)
  requireInteger(invalid, 'timing.indirectProbes', timing.indirectProbes, 0, 16)
  requireInteger(invalid, 'timing.suspicionFactor', timing.suspicionFactor, 1, 100)
  requireInteger(invalid, 'timing.maxSuspicionFactor', timing.maxSuspicionFactor, 1, 100)
  requireInteger(invalid, 'timing.gossipFanout', timing.gossipFanout, 1, 16)
  requireInteger(invalid, 'timing.retransmitFactor', timing.retransmitFactor, 1, 64)
  requireOrder('minProbeTimeoutMs', timing.minProbeTimeoutMs, 'probeTimeoutMs', timing.probeTimeoutMs)
  requireOrder('probeTimeoutMs', timing.probeTimeoutMs, 'probeIntervalMs', timing.probeIntervalMs)
  requireOrder(
    'reconnectIntervalMs',
    timing.reconnectIntervalMs,
    'maxReconnectIntervalMs',
    timing.maxReconnectIntervalMs,
  )
  return timing
}

const DURATIONS = [
  'probeIntervalMs',
  'probeTimeoutMs',
  'minProbeTimeoutMs',
  'gossipIntervalMs',
  'syncIntervalMs',
  'reconnectIntervalMs',
  'maxReconnectIntervalMs',
  'reapAfterMs',
  'tombstoneMs',
] as const

function requireDurations(timing: Timing): void {
  for (const name of DURATIONS) requireDuration(invalid, `timing.${name}`, timing[name], 1, MAX_MS)
}

function requireOrder(smaller: string, small: number, larger: string, large: number): void {
  if (small <= large) return
  throw invalid(`timing.${smaller} (${small}) must not be above timing.${larger} (${large})`)
}

function withoutUndefined(overrides: Partial<Timing>): Partial<Timing> {
  return Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined))
}
