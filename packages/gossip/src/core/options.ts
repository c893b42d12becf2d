import type { Address, NodeId, Random } from '@colony/host'
import { requireDuration, requireInteger, requireName, requireOneOf } from '@colony/host'
import { GossipError } from './error.ts'
import type { Seed } from './input.ts'
import { MAX_EPOCH } from './members/incarnation.ts'
import type { Member } from './members/member.ts'
import type { TransitionWatch } from './members/transitions.ts'
import { MAX_WALL } from './state/hybrid-clock.ts'
import { DEFAULT_STATE_LIMITS, type StateLimits } from './state/state-limits.ts'
import type { Timing } from './timing.ts'

/**
 * How a node finds out that another does not answer.
 *
 * - `'swim'`: it probes one member at a time, directly and through others;
 * - `'phi'`: it suspects whoever is silent for much longer than usual (phi accrual, Hayashibara et al. 2004).
 * @category Core
 */
export type DetectorKind = 'swim' | 'phi'

/**
 * Which of Lifeguard's extensions of SWIM are in use: for comparing them. All are by default.
 * @category Core
 */
export interface LifeguardOptions {
  /** Local health makes this node's intervals and timeouts longer. Default `true`. */
  readonly probe?: boolean
  /** A suspicion begins long and shrinks with confirmations, instead of being short. Default `true`. */
  readonly suspicion?: boolean
  /** A suspect hears of the suspicion first. Default `true`. */
  readonly buddy?: boolean
  /**
   * Complaints by somebody whose complaints were all refuted and shared by nobody are passed over, and who refuted many has more time: not in the paper, against nodes that hear nobody. Default `true`.
   */
  readonly quarantine?: boolean
}

/**
 * What a core is made with.
 * @category Core
 */
export interface CoreOptions {
  /** This node. 1 to 255 bytes of UTF-8. */
  readonly id: NodeId
  /** Where others reach it. */
  readonly address: Address
  /** Its zone; none by default. */
  readonly zone?: string
  /** Name of the cluster: packets of others are ignored. 1 to 255 bytes of UTF-8. */
  readonly cluster: string
  /** This life, greater than that of every former one: 0 to 2^39. */
  readonly epoch: number
  /** Randomness, this core's own. */
  readonly random: Random
  /** Intervals and limits. */
  readonly timing: Timing
  /** Most bytes of a datagram. Default 1,400. 256 to 65,507. */
  readonly packetBytes?: number
  /** Most bytes of one message of a stream. Default 1 MiB. At least `packetBytes`, at most 64 MiB. */
  readonly streamBytes?: number
  /** How failures are detected. Default `'swim'`. */
  readonly detector?: DetectorKind
  /** What of Lifeguard is in use. */
  readonly lifeguard?: LifeguardOptions
  /** Most bytes a second that are sent on average, probes excepted; no limit by default. */
  readonly bandwidth?: number | undefined
  /** Where others may be found. */
  readonly seeds?: readonly Seed[]
  /** Most members that are known, whatever their status. Default 20,000. */
  readonly maxMembers?: number
  /** How much state of members and how many shared values are kept; all members should have the same limits. */
  readonly state?: Partial<StateLimits>
  /** Added to the core's clock it gives milliseconds since 1970, for the stamps of shared values. Default 0. */
  readonly wallOffsetMs?: number
  /** Most bytes a second by which others are brought up to date. Default 4 MiB. At least 64 KiB. */
  readonly syncBytesPerSecond?: number
  /** Asked for each member that was not there before it joins. Must be a pure look-up. */
  readonly admit?: ((member: Member) => boolean) | undefined
  /** Asked once for each list of members that comes by a welcome or a comparison; `false` refuses all. Must be a pure look-up. */
  readonly merge?: ((members: readonly Member[], from: NodeId) => boolean) | undefined
  /** Is told of every change of a member, also of those that a later one in the same step overwrites: for checkers. */
  readonly onTransition?: TransitionWatch
}

/** {@link CoreOptions}, checked, with every default in its place. */
export interface ResolvedOptions {
  readonly id: NodeId
  readonly address: Address
  readonly zone: string
  readonly cluster: string
  readonly epoch: number
  readonly random: Random
  readonly timing: Timing
  readonly packetBytes: number
  readonly streamBytes: number
  readonly detector: DetectorKind
  readonly lifeguard: Required<LifeguardOptions>
  readonly bandwidth: number
  readonly seeds: readonly Seed[]
  readonly maxMembers: number
  readonly state: StateLimits
  readonly wallOffsetMs: number
  readonly syncBytesPerSecond: number
  readonly admit: CoreOptions['admit']
  readonly merge: CoreOptions['merge']
  readonly onTransition: TransitionWatch | undefined
}

const invalid = (message: string): Error => new GossipError('GOSSIP_INVALID_OPTION', message)

/**
 * Checks what a caller gave.
 * @throws A {@link GossipError} with code `GOSSIP_INVALID_OPTION`.
 */
export function resolveOptions(options: CoreOptions): ResolvedOptions {
  const packetBytes = requireInteger(invalid, 'packetBytes', options.packetBytes ?? 1_400, 256, 65_507)
  const streamBytes = options.streamBytes ?? Math.max(packetBytes, 1024 * 1024)
  const zone = options.zone ?? ''
  const { probe = true, suspicion = true, buddy = true, quarantine = true } = options.lifeguard ?? {}
  return {
    id: requireName(invalid, 'id', options.id),
    address: requireText('address', options.address),
    zone: zone === '' ? '' : requireName(invalid, 'zone', zone),
    cluster: requireName(invalid, 'cluster', options.cluster),
    epoch: requireInteger(invalid, 'epoch', options.epoch, 0, (MAX_EPOCH + 1) / 2),
    random: options.random,
    timing: options.timing,
    packetBytes,
    streamBytes: requireInteger(invalid, 'streamBytes', streamBytes, packetBytes, 64 * 1024 * 1024),
    detector: requireOneOf(invalid, 'detector', options.detector ?? 'swim', ['swim', 'phi']),
    lifeguard: { probe, suspicion, buddy, quarantine },
    bandwidth: requireRate(options.bandwidth ?? Number.POSITIVE_INFINITY),
    seeds: options.seeds ?? [],
    maxMembers: requireInteger(invalid, 'maxMembers', options.maxMembers ?? 20_000, 1, 1_000_000),
    state: resolveLimits(options.state ?? {}),
    wallOffsetMs: requireDuration(invalid, 'wallOffsetMs', options.wallOffsetMs ?? 0, -MAX_WALL, MAX_WALL),
    syncBytesPerSecond: requireInteger(
      invalid,
      'syncBytesPerSecond',
      options.syncBytesPerSecond ?? 4 * 1024 * 1024,
      64 * 1024,
      2 ** 40,
    ),
    admit: options.admit,
    merge: options.merge,
    onTransition: options.onTransition,
  }
}

function requireText(option: string, value: string): string {
  if (typeof value === 'string' && value.length > 0 && value.length <= 512) return value
  throw invalid(`${option} must be a string of 1 to 512 characters`)
}

function requireRate(bytes: number): number {
  if (typeof bytes === 'number' && bytes >= 1_024) return bytes
  throw invalid(`bandwidth must be at least 1024 bytes a second, not ${String(bytes)}`)
}

function resolveLimits(limits: Partial<StateLimits>): StateLimits {
  const resolved = { ...DEFAULT_STATE_LIMITS, ...limits }
  for (const [name, limit] of Object.entries(resolved)) {
    requireInteger(invalid, `state.${name}`, limit, 1, Number.MAX_SAFE_INTEGER)
  }
  return resolved
}
