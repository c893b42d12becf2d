import type { AddressBook } from '../address-book.ts'
import type { Clock } from '../clock.ts'
import type { NodeId } from '../core/identity.ts'
import type { Random } from '../core/random.ts'
import { invalidHostOption, requireInteger, requireMethods, requireName } from '../core/validate.ts'
import { createHost } from '../create-host.ts'
import type { Host } from '../host.ts'
import type { Observer } from '../observer.ts'
import { systemClock } from '../system/system-clock.ts'
import type { Transport } from '../transport.ts'
import { MemoryLinks } from './memory-links.ts'
import { MemoryTransport } from './memory-transport.ts'

const DEFAULT_CLUSTER = 'memory'
const DEFAULT_MAX_FRAME_BYTES = 16 * 1024 * 1024
const DEFAULT_INBOX_FRAMES = 4096

/**
 * How a network in memory runs.
 * @category Memory
 */
export interface MemoryNetworkOptions {
  /**
   * Whose `afterInput` says when the frames of one round are delivered. Default: {@link systemClock}, which lets timers and input have
   * their turn between rounds, however busy the nodes are.
   */
  readonly clock?: Pick<Clock, 'afterInput'>
}

/**
 * The limits of one transport in memory.
 * @category Memory
 */
export interface MemoryTransportOptions {
  /** Only nodes of the same cluster meet. 1 to 255 bytes of UTF-8. Default: `'memory'`. */
  readonly clusterId?: string
  /** Largest frame that `send` accepts, in bytes, from 1 to 2^31 - 1. Default: 16 MiB, as much as a socket transport takes. */
  readonly maxFrameBytes?: number
  /** Frames that may wait for this node, from 1 to 2^31 - 1; `send` to it returns `false` above that. Default: 4096. */
  readonly inboxFrames?: number
  /** Bytes that may wait for this node, from 1 to 2^53 - 1; one frame is always taken. Default: four times `maxFrameBytes`. */
  readonly inboxBytes?: number
  /** Receives `transport.handler-failed` (fields `from`, `channel`, `error`). Default: nobody does. */
  readonly observer?: Observer
}

/**
 * A transport in memory with the rest of a host around it.
 * @category Memory
 */
export interface MemoryHostOptions extends MemoryTransportOptions {
  /** Monotonic time. Default: {@link systemClock}. */
  readonly clock?: Clock
  /** Randomness. Default: seeded by the platform. */
  readonly random?: Random
  /** Not needed by this transport; for what runs on the host. Default: a new, empty one. */
  readonly addresses?: AddressBook
}

/**
 * Links nodes within one process, each link perfect until it is cut: for tests, for examples, and for several nodes in one web page.
 * Frames arrive in the order in which they were sent, across all nodes, and never before `send` returned; those of one round are delivered
 * together. To test a protocol against loss, delay and crashes, use the simulated host of `@colony/testing` instead.
 *
 * A frame is handed over, not copied: sender and receivers see the same array and none of them may change it. The address of a node is its id.
 * @category Memory
 */
export interface MemoryNetwork {
  /**
   * A new node's transport.
   * @throws A {@link ColonyError} with code `HOST_INVALID_OPTION` for an option out of range.
   */
  transport(options?: MemoryTransportOptions): Transport
  /**
   * A new node's host. No option is required.
   * @throws A {@link ColonyError} with code `HOST_INVALID_OPTION` for an option out of range.
   */
  host(options?: MemoryHostOptions): Host
  /** Cuts the link between two nodes, in both directions; frames on their way are lost, and `send` returns `false`. Idempotent. */
  cut(a: NodeId, b: NodeId): void
  /** Mends every link. */
  heal(): void
  /** Mends the link between two nodes. Idempotent. */
  heal(a: NodeId, b: NodeId): void
}

/**
 * Makes a network of its own: nodes of two networks never meet, so tests do not disturb each other.
 * @example
 * ```ts
 * const network = createMemoryNetwork()
 * const [a, b] = [network.host(), network.host()]
 * await using leaseA = await a.open('a')
 * await using leaseB = await b.open('b')
 * b.transport.receive('greetings', (from, frame) => { … })
 * a.transport.send('b', 'greetings', new Uint8Array([1]))
 * ```
 * @throws A {@link ColonyError} with code `HOST_INVALID_OPTION` for an option out of range.
 * @category Memory
 */
export function createMemoryNetwork(options: MemoryNetworkOptions = {}): MemoryNetwork {
  const clock = requireMethods(invalidHostOption, 'clock', options.clock ?? systemClock, ['afterInput'])
  const links = new MemoryLinks((task) => clock.afterInput(task))
  const transport = (limits: MemoryTransportOptions = {}): Transport => createTransport(links, limits)
  return {
    transport,
    host: ({ clock: hostClock, random, addresses, ...limits } = {}) =>
      createHost({
        clusterId: limits.clusterId ?? DEFAULT_CLUSTER,
        transport: transport(limits),
        ...(hostClock !== undefined && { clock: hostClock }),
        ...(random !== undefined && { random }),
        ...(addresses !== undefined && { addresses }),
        ...(limits.observer !== undefined && { observer: limits.observer }),
      }),
    cut: (a, b) => links.cut(a, b),
    heal: (a?: NodeId, b?: NodeId) => links.heal(a, b),
  }
}

function createTransport(links: MemoryLinks, options: MemoryTransportOptions): Transport {
  const fail = invalidHostOption
  const { clusterId = DEFAULT_CLUSTER, maxFrameBytes = DEFAULT_MAX_FRAME_BYTES } = options
  const { inboxFrames = DEFAULT_INBOX_FRAMES, inboxBytes = 4 * maxFrameBytes } = options
  const most = 2 ** 31 - 1
  return new MemoryTransport(links, {
    clusterId: requireName(fail, 'clusterId', clusterId),
    maxFrameBytes: requireInteger(fail, 'maxFrameBytes', maxFrameBytes, 1, most),
    inboxFrames: requireInteger(fail, 'inboxFrames', inboxFrames, 1, most),
    inboxBytes: requireInteger(fail, 'inboxBytes', inboxBytes, 1, Number.MAX_SAFE_INTEGER),
    observer: options.observer,
  })
}
