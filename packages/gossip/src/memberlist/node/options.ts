import { networkInterfaces } from 'node:os'
import {
  type Clock,
  type Observer,
  type Random,
  requireInteger,
  requireDuration,
  requireName,
  requireOneOf,
  systemClock,
  systemRandom,
} from '@colony/host'
import { GossipError } from '../../errors.ts'
import { type MemberlistProfile, type MemberlistTiming, timingOf } from '../core/timing.ts'
import { encodeTags, type SerfTags } from '../serf/tags.ts'
import { createLabel, type Label, MAX_LABEL_BYTES } from '../wire/label.ts'
import { parseEndpoint } from '../wire/address.ts'
import { SerfKeyring } from './keyring.ts'
import { joinAddress, SocketTransport, splitAddress } from './socket-transport.ts'
import type { SerfTransport } from './transport.ts'

/**
 * How to become a member of a Serf cluster.
 * @category Interop
 */
export interface SerfOptions {
  /** This node's name, unique in the cluster: 1 to 128 of the characters that Serf takes, which are letters, digits, `-`, `_` and `.`. */
  readonly name: string
  /** Where to listen, UDP and TCP at one port: `ip:port`, port 0 for any that is free. Default `0.0.0.0:7946`. */
  readonly bind?: string
  /** Where others reach this node, as `ip:port` (port 0: the one that it listens at). Default: where it listens, or this machine's first address when that is all of them. */
  readonly advertise?: string
  /** Where members may be found: `host:port`, port 7946 where none is given. Names are resolved at every attempt. Default: none, a new cluster. */
  readonly seeds?: readonly string[]
  /** What this node says of itself; together at most 512 bytes. Default: nothing. */
  readonly tags?: SerfTags
  /** The cluster's keys, the one to use first; or a keyring to change while the node runs. Default: nothing is encrypted. */
  readonly keys?: readonly (Uint8Array | string)[] | SerfKeyring
  /** The cluster's label, up to 255 bytes: of newer versions of memberlist. What has another, or none, is ignored, and ignores us. Default: none. */
  readonly label?: string
  /** The same that the other members have: `'lan'`, `'wan'` or `'local'`. Default `'lan'`. */
  readonly profile?: MemberlistProfile
  /** Whether events from before this node joined come as well, as far as others remember them. Default `false`. */
  readonly replay?: boolean
  /** How long to wait for the first seed to answer before giving up. Milliseconds, 1 to 86,400,000, default 10,000. */
  readonly joinTimeoutMs?: number
  /** Most members that are known at a time, 2 to 65,536, those that failed or left included. Default 16,384. */
  readonly maxMembers?: number
  /** Decides about every member that comes, by name, address and tags as they are on the wire. Must be quick and must not call the node. Default: all may. */
  readonly admit?: (name: string, address: string) => boolean
  /** Receives what goes wrong in listeners, as `serf.listener-failed`. Default: nobody. */
  readonly observer?: Observer
  /** Gives up joining when it aborts. Default: none. */
  readonly signal?: AbortSignal
  /** Default: the system's. */
  readonly clock?: Clock
  /** Default: the system's. */
  readonly random?: Random
  /** What carries the protocol instead of UDP and TCP; then `bind` is not used. */
  readonly transport?: SerfTransport
}

/** Options with every default filled in. */
export interface ResolvedSerfOptions {
  readonly name: string
  readonly advertise: string | undefined
  readonly seeds: readonly string[]
  readonly tags: SerfTags
  readonly keys: SerfKeyring | undefined
  readonly label: Label
  readonly timing: MemberlistTiming
  readonly replay: boolean
  readonly joinTimeoutMs: number
  readonly maxMembers: number
  readonly admit: ((name: string, address: string) => boolean) | undefined
  readonly observer: Observer | undefined
  readonly signal: AbortSignal | undefined
  readonly clock: Clock
  readonly random: Random
  readonly transport: SerfTransport
}

const MAX_SEEDS = 64
const DAY_MS = 86_400_000

/** Fills in defaults. @throws A {@link GossipError} with code `GOSSIP_INVALID_OPTION`. */
export function resolveSerfOptions(options: SerfOptions): ResolvedSerfOptions {
  const { seeds = [], tags = {}, keys, label = '', profile = 'lan', admit, advertise } = options
  const name = requireName(invalidOption, 'name', options.name)
  if (!/^[\w.-]{1,128}$/.test(name)) {
    throw invalidOption(`name must be 1 to 128 letters, digits, -, _ or ., not ${JSON.stringify(name)}`)
  }
  if (!Array.isArray(seeds) || seeds.length > MAX_SEEDS || !seeds.every(isAddress)) {
    throw invalidOption(`seeds must be an array of at most ${MAX_SEEDS} addresses like "10.0.0.1:7946"`)
  }
  requireTags(tags)
  if (typeof label !== 'string' || Buffer.byteLength(label) > MAX_LABEL_BYTES) {
    throw invalidOption(`label must be a string of at most ${MAX_LABEL_BYTES} bytes`)
  }
  const known = requireOneOf(invalidOption, 'profile', profile, ['lan', 'wan', 'local'])
  return {
    name,
    advertise,
    seeds,
    tags,
    keys: keys === undefined || keys instanceof SerfKeyring ? keys : new SerfKeyring(keys),
    label: createLabel(label),
    timing: timingOf(known),
    replay: options.replay ?? false,
    joinTimeoutMs: requireDuration(
      invalidOption,
      'joinTimeoutMs',
      options.joinTimeoutMs ?? 10_000,
      1,
      DAY_MS,
    ),
    maxMembers: requireInteger(invalidOption, 'maxMembers', options.maxMembers ?? 16_384, 2, 65_536),
    admit,
    observer: options.observer,
    signal: options.signal,
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom(),
    transport: options.transport ?? socketsAt(options.bind ?? '0.0.0.0:7946'),
  }
}

/** Lets tags pass that fit into meta data. */
export function requireTags(tags: SerfTags): SerfTags {
  const given: unknown = tags
  const isRecord = typeof given === 'object' && given !== null
  if (!isRecord || !Object.values(given).every((value) => typeof value === 'string')) {
    throw invalidOption('tags must be an object of strings')
  }
  if (encodeTags(tags) === undefined) {
    throw new GossipError(
      'GOSSIP_TOO_LARGE',
      'tags take more than the 512 bytes that Serf allows for all of them',
    )
  }
  return tags
}

/** Where others reach a node that listens at `bound`. */
export function advertisedAddress(bound: string, advertise: string | undefined): string {
  const { host: boundHost, port: boundPort } = splitAddress(bound)
  const wanted = advertise === undefined ? undefined : splitAddress(advertise)
  const port = wanted === undefined || wanted.port === 0 ? boundPort : wanted.port
  const host = wanted?.host ?? (isUnspecified(boundHost) ? firstAddress() : boundHost)
  const address = joinAddress(host, port)
  if (parseEndpoint(address) !== undefined) return address
  throw invalidOption(`advertise must be an address like "10.0.0.1:7946", not ${JSON.stringify(advertise)}`)
}

/** How refused options fail. */
export function invalidOption(message: string): GossipError<'GOSSIP_INVALID_OPTION'> {
  return new GossipError('GOSSIP_INVALID_OPTION', message)
}

function socketsAt(bind: string): SerfTransport {
  const { host, port } = splitAddress(bind)
  // Port 0 is none to send to, but one to listen at.
  if (parseEndpoint(joinAddress(host, port === 0 ? 1 : port)) === undefined) {
    throw invalidOption(`bind must be an address like "0.0.0.0:7946", not ${JSON.stringify(bind)}`)
  }
  return new SocketTransport(host, port)
}

function isAddress(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > 512) return false
  const { host, port } = splitAddress(value)
  return host !== '' && port >= 1 && port <= 0xffff
}

function isUnspecified(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}

/** This machine's first address that others may reach; loopback where there is none. */
function firstAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  return all.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? '127.0.0.1'
}
