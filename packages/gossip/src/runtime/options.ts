import {
  requireDuration,
  requireInteger,
  requireMethods,
  requireName,
  requireOneOf,
  showValue,
  type Address,
  type Fail,
  type Host,
  type NodeId,
} from '@colony/host'
import type { Seed } from '../core/input.ts'
import type { Member } from '../core/members/member.ts'
import type { DetectorKind } from '../core/options.ts'
import { timingOf } from '../core/profiles.ts'
import type { Profile, Timing } from '../core/timing.ts'
import { GossipError } from '../errors.ts'
import type { Keyring } from './keyring.ts'
import { defineSchema, type AnyShape, type Schema, type SchemaShape, type StateOf } from './schema.ts'
import { requireSeeds } from './seeds.ts'

/**
 * Finds seeds, as often as it is asked: DNS, a cloud's list of machines, a file. It may reject; it is asked again.
 * @category Node
 */
export type FindSeeds = () => Promise<readonly (Address | Seed)[]>

/**
 * How to take part in a cluster. Durations in milliseconds. Everything is checked at once.
 * @category Node
 */
export interface GossipOptions<Shape extends SchemaShape = AnyShape> {
  /** This node's id, unlike that of any other node. A process that starts again may keep it, and should. 1 to 255 bytes of UTF-8. */
  readonly id: NodeId
  /** The world to run on: `nodeHost({ … })` of `@colony/host/node`, or a simulated one. Its `clusterId` names the cluster: nodes of different clusters never talk. Left when the node closes. */
  readonly host: Host
  /** Where others reach this node. Default: what the host's transport says. */
  readonly address?: Address
  /**
   * Where others may be found: addresses, one or two of which have to answer, or a function that finds some. They are tried for ever, with backoff, whenever nobody else is known, and now and then when somebody is, so that the parts of a
   * split cluster find each other. Default: none; then this node waits to be found.
   */
  readonly seeds?: readonly (Address | Seed)[] | FindSeeds
  /** What the keys of the nodes' states hold. Default: any key, any JSON. */
  readonly state?: Schema<Shape>
  /** This node's state to begin with. Default: empty. */
  readonly initial?: StateOf<Shape>
  /** What the network is like: `'lan'`, `'wan'`, or `'local'` for one machine. All nodes of a cluster should say the same. Default `'lan'`. */
  readonly profile?: Profile
  /** Which zone this node is in: a rack, a data centre. Nodes prefer their own zone to gossip with, and keep bridges to the others. Default: none. */
  readonly zone?: string
  /** Most bytes a second that this node sends of gossip, averaged over a second: 1,024 to 2^31 - 1. Probes are not held back. Default: no limit. */
  readonly bandwidth?: number
  /** Seals everything: `createKeyring({ keys })` of `@colony/gossip/node`. Default: nothing is sealed; then trust the network, or use mutual TLS. */
  readonly keyring?: Keyring
  /** How members are found to have failed. Default `'swim'`. */
  readonly detector?: DetectorKind
  /**
   * Which life of this node begins: greater than in any life before, so that it beats all news of its past. Milliseconds since 2025-01-01, or a function that finds it: `fileEpoch(path)` of
   * `@colony/gossip/node` also works where the time of day may have been set back. Default: the time of day.
   */
  readonly epoch?: number | (() => Promise<number>)
  /** The time of day in milliseconds since 1970, for `epoch` and for the clock of shared values. Default: `Date.now`. */
  readonly wallNow?: () => number
  /** When it aborts, the node leaves. */
  readonly signal?: AbortSignal
  /** Asked about every member that would be new here; `false` keeps it out, on this node. It must be quick, and must not throw. Default: everybody is welcome. */
  readonly admit?: (member: Member) => boolean
  /** Asked when another node brings several members at once, when two parts of a cluster meet; `false` takes none of them. It must be quick, and must not throw. Default: all are welcome. */
  readonly merge?: (members: readonly Member[], from: NodeId) => boolean
  /** Single intervals and limits in place of the profile's. All nodes should have the same. */
  readonly advanced?: Partial<Timing> & {
    /** How often a function for seeds is asked again, in milliseconds, 100 to 86,400,000. Default 30,000. */
    readonly seedIntervalMs?: number
  }
}

/** Options with every default filled in. */
export interface ResolvedOptions<Shape extends SchemaShape> {
  readonly id: NodeId
  readonly host: Host
  readonly address: Address | undefined
  readonly seeds: readonly Seed[] | FindSeeds
  readonly schema: Schema<Shape>
  readonly initial: StateOf<Shape>
  readonly zone: string
  readonly bandwidth: number | undefined
  readonly keyring: Keyring | undefined
  readonly detector: DetectorKind
  readonly epoch: number | (() => Promise<number>) | undefined
  readonly wallNow: () => number
  readonly signal: AbortSignal | undefined
  readonly admit: ((member: Member) => boolean) | undefined
  readonly merge: ((members: readonly Member[], from: NodeId) => boolean) | undefined
  readonly timing: Timing
  readonly seedIntervalMs: number
}

/** How the options of this package fail. */
export const invalidOption: Fail = (message) => new GossipError('GOSSIP_INVALID_OPTION', message)

const OPTION_NAMES: readonly string[] = [
  'id',
  'host',
  'address',
  'seeds',
  'state',
  'initial',
  'profile',
  'zone',
  'bandwidth',
  'keyring',
  'detector',
  'epoch',
  'wallNow',
  'signal',
  'admit',
  'merge',
  'advanced',
] satisfies (keyof GossipOptions)[]

const MAX_TIMER_MS = 2 ** 31 - 1
/** No life may begin later, so that there are epochs left for whoever runs out of words. */
export const LAST_FIRST_EPOCH: number = 2 ** 39
const DAY_MS = 86_400_000

/** Every interval and limit; what they may be, the core knows. */
const TIMING_NAMES: readonly string[] = [
  'probeIntervalMs',
  'probeTimeoutMs',
  'minProbeTimeoutMs',
  'indirectProbes',
  'suspicionFactor',
  'maxSuspicionFactor',
  'gossipIntervalMs',
  'gossipFanout',
  'retransmitFactor',
  'syncIntervalMs',
  'reconnectIntervalMs',
  'maxReconnectIntervalMs',
  'reapAfterMs',
  'tombstoneMs',
] satisfies (keyof Timing)[]

/** Checks options and fills in the defaults. */
export function resolveOptions<Shape extends SchemaShape>(
  options: GossipOptions<Shape>,
): ResolvedOptions<Shape> {
  requireNames('createGossip', options, OPTION_NAMES)
  const {
    address,
    bandwidth,
    keyring,
    epoch,
    admit,
    merge,
    signal,
    zone = '',
    advanced = {},
    profile = 'lan',
  } = options
  requireMethods(invalidOption, 'host', options.host, ['open'])
  if (zone !== '') requireName(invalidOption, 'zone', zone)
  if (keyring !== undefined) requireMethods(invalidOption, 'keyring', keyring, ['bind'])
  if (bandwidth !== undefined) requireInteger(invalidOption, 'bandwidth', bandwidth, 1024, MAX_TIMER_MS)
  if (address !== undefined) requireName(invalidOption, 'address', address)
  if (typeof epoch === 'number') requireInteger(invalidOption, 'epoch', epoch, 0, LAST_FIRST_EPOCH)
  else requireFunction('epoch', epoch)
  requireFunction('admit', admit)
  requireFunction('merge', merge)
  requireFunction('wallNow', options.wallNow)
  requireNames('createGossip: advanced', advanced, ['seedIntervalMs', ...TIMING_NAMES])
  const { seedIntervalMs = 30_000, ...timing } = advanced
  return {
    id: requireName(invalidOption, 'id', options.id),
    host: options.host,
    address,
    seeds: requireSeeds(options.seeds ?? []),
    schema: requireSchema(options.state),
    initial: options.initial ?? ({} as StateOf<Shape>),
    zone,
    bandwidth,
    keyring,
    detector: requireOneOf(invalidOption, 'detector', options.detector ?? 'swim', ['swim', 'phi']),
    epoch,
    wallNow: options.wallNow ?? Date.now,
    signal,
    admit,
    merge,
    timing: timingOf(profile, timing),
    seedIntervalMs: requireDuration(invalidOption, 'advanced.seedIntervalMs', seedIntervalMs, 100, DAY_MS),
  }
}

/** Refuses what is no option: a name that is misspelt must not be ignored. */
export function requireNames(of: string, options: object, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw invalidOption(`the options of ${of} must be an object, not ${showValue(options)}`)
  }
  for (const name of Object.keys(options)) {
    if (!names.includes(name))
      throw invalidOption(`${name} is no option of ${of}; there are ${names.join(', ')}`)
  }
}

/** Lets a timeout pass that a timer can hold. */
export function requireTimeout(option: string, value: unknown, most: number = MAX_TIMER_MS): number {
  return requireDuration(invalidOption, option, value, 1, most)
}

function requireSchema<Shape extends SchemaShape>(schema: Schema<Shape> | undefined): Schema<Shape> {
  // Without a schema the type parameter is `AnyShape`, by its default.
  if (schema === undefined) return defineSchema({ '*': 'json' }) as unknown as Schema<Shape>
  return requireMethods(invalidOption, 'state', schema, ['codecOf'])
}

function requireFunction(option: string, value: unknown): void {
  if (value === undefined || typeof value === 'function') return
  throw invalidOption(`${option} must be a function, not ${showValue(value)}`)
}
