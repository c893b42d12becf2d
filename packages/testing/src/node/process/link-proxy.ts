import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { type Address, type Random, systemRandom } from '@colony/host'
import { TestingError } from '../../errors.ts'
import { latencyOf } from '../../network/latency.ts'
import {
  DEFAULT_LINK,
  layered,
  type LinkChange,
  type LinkSettings,
  validateLinkChange,
} from '../../network/link-settings.ts'
import { ByteFlow, type FlowControl } from './byte-flow.ts'

/**
 * A direction through a proxy: `forward` from who dialled, `backward` to it.
 * @category Processes
 */
export type ProxyDirection = 'forward' | 'backward'

/**
 * How to make a {@link LinkProxy}.
 * @category Processes
 */
export interface LinkProxyOptions {
  /** Where connections lead: `tcp://127.0.0.1:4000`. Default: nowhere yet, so they are closed at once. */
  readonly target?: Address
  /** Draws delays. Default: a stream that nothing repeats. */
  readonly random?: Random
}

/**
 * What a proxy has seen.
 * @category Processes
 */
export interface LinkProxyStats {
  /** Connections that were accepted. */
  readonly connections: number
  /** How many of them are open. */
  readonly open: number
  /** Bytes that were passed on from who dialled. */
  readonly forwardBytes: number
  /** Bytes that were passed on to who dialled. */
  readonly backwardBytes: number
}

/** One connection: the side that dialled, and the side that it is passed on to. */
interface Pair {
  readonly near: Socket
  far: Socket | undefined
  flows: readonly ByteFlow[]
  /** One side failed in a cut, which the other must not hear of yet. */
  isBroken: boolean
}

/** The network of one machine is as good as none. */
const DIRECT: LinkSettings = { ...DEFAULT_LINK, minLatencyMs: 0, meanLatencyMs: 0 }

const BOTH: readonly ProxyDirection[] = ['forward', 'backward']

/**
 * Opens a proxy for TCP connections on a free port of the loopback interface.
 * @category Processes
 */
export async function createLinkProxy(options: LinkProxyOptions = {}): Promise<LinkProxy> {
  const server = createServer({ noDelay: true, allowHalfOpen: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return new LinkProxy(server, options)
}

/**
 * The way from one process to another: a port that passes bytes on to wherever the other one listens now, late, or not at all. Cutting it is what a dead
 * switch does: nothing arrives, nothing is refused, and neither side is told. Made by {@link createLinkProxy}; close it, or use `await using`.
 * @category Processes
 */
export class LinkProxy implements AsyncDisposable {
  /** Where the one process finds the other. */
  readonly address: Address
  readonly #server: Server
  readonly #pairs = new Set<Pair>()
  readonly #directions: Readonly<Record<ProxyDirection, Direction>>
  #target: number | undefined
  #connections = 0

  /** @internal */
  constructor(server: Server, { target, random = systemRandom() }: LinkProxyOptions) {
    this.#server = server
    this.address = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`
    this.#directions = { forward: new Direction(random), backward: new Direction(random) }
    if (target !== undefined) this.target = target
    server.on('connection', (near) => this.#accept(near))
  }

  /**
   * Where the other process listens now: for connections from now on.
   * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` for an address without a port.
   */
  set target(address: Address) {
    const port = Number(/:(\d+)\/?$/.exec(address)?.[1])
    if (!(port > 0 && port < 65_536)) {
      throw new TestingError('TESTING_INVALID_OPTION', `a target is tcp://127.0.0.1:<port>, not '${address}'`)
    }
    this.#target = port
  }

  /** What it has seen. */
  get stats(): LinkProxyStats {
    const { forward, backward } = this.#directions
    return {
      connections: this.#connections,
      open: this.#pairs.size,
      forwardBytes: forward.bytes,
      backwardBytes: backward.bytes,
    }
  }

  /**
   * From now on nothing passes, in one direction or both: neither bytes, nor that a side has closed. A new connection is accepted, as the kernel does, and leads
   * nowhere.
   */
  cut(direction?: ProxyDirection): void {
    for (const each of directions(direction)) this.#directions[each].isCut = true
    this.#update()
  }

  /** What was held back passes, as after TCP's retransmission. */
  heal(direction?: ProxyDirection): void {
    for (const each of directions(direction)) this.#directions[each].isCut = false
    for (const pair of this.#pairs) {
      if (this.#isCut) continue
      if (pair.isBroken) this.#break(pair)
      else if (pair.far === undefined) this.#passOn(pair)
    }
    this.#update()
  }

  /**
   * Makes bytes late, in one direction or both: `minLatencyMs`, `meanLatencyMs`, `distribution` and `bytesPerSecond`, as on a simulated link; with `null` as it was, which is
   * no delay. Changes lie on top of each other. What else a simulated link has (loss, copies, another order) does not exist within a connection.
   * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` for a value out of range.
   */
  configure(change: LinkChange, direction?: ProxyDirection): void {
    validateLinkChange(change)
    for (const each of directions(direction)) this.#directions[each].change(change)
  }

  /** Breaks every connection, which both sides are told (`ECONNRESET`). They may connect again at once. */
  reset(): void {
    for (const pair of this.#pairs) this.#break(pair)
  }

  /** Frees the port and drops every connection. Idempotent. */
  async close(): Promise<void> {
    for (const pair of this.#pairs) {
      pair.near.destroy()
      pair.far?.destroy()
    }
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    await closed
  }

  /** The same as {@link LinkProxy.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  get #isCut(): boolean {
    return BOTH.some((direction) => this.#directions[direction].isCut)
  }

  #update(): void {
    for (const { flows } of this.#pairs) for (const flow of flows) flow.update()
  }

  #accept(near: Socket): void {
    const pair: Pair = { near, far: undefined, flows: [], isBroken: false }
    this.#connections++
    this.#pairs.add(pair)
    this.#follow(pair, near)
    // It takes both directions to open a connection. The one that the kernel made stands, but nobody hears of it.
    if (!this.#isCut) this.#passOn(pair)
  }

  #passOn(pair: Pair): void {
    if (this.#target === undefined) return this.#break(pair)
    const { near } = pair
    const far = connect({ port: this.#target, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
    const { forward, backward } = this.#directions
    pair.far = far
    this.#follow(pair, far)
    pair.flows = [new ByteFlow(near, far, forward), new ByteFlow(far, near, backward)]
  }

  #follow(pair: Pair, socket: Socket): void {
    socket.on('error', () => {})
    socket.once('close', (hasFailed) => {
      const { near, far } = pair
      if (near.destroyed && (far === undefined || far.destroyed)) this.#forget(pair)
      else if (hasFailed && this.#isCut) pair.isBroken = true
      else if (hasFailed) this.#break(pair)
    })
  }

  #break(pair: Pair): void {
    pair.near.resetAndDestroy()
    pair.far?.resetAndDestroy()
  }

  #forget(pair: Pair): void {
    for (const flow of pair.flows) flow.close()
    this.#pairs.delete(pair)
  }
}

/** What holds for one direction of all connections. */
class Direction implements FlowControl {
  isCut = false
  bytes = 0
  readonly #random: Random
  readonly #changes: LinkChange[] = []
  #settings = DIRECT
  /** When the line has carried everything so far, on the clock of `performance`. */
  #freeAt = 0

  constructor(random: Random) {
    this.#random = random
  }

  change(change: LinkChange): void {
    // One change that says everything that was said: more would pile up over a long run.
    const [before = {}] = this.#changes
    this.#changes[0] = { ...before, ...change }
    this.#settings = layered(DIRECT, this.#changes)
  }

  delayOf(bytes: number): number {
    const settings = this.#settings
    const latency = settings.meanLatencyMs === 0 ? 0 : latencyOf(settings, this.#random.float()) / 1000
    if (settings.bytesPerSecond === 0) return latency
    const now = performance.now()
    this.#freeAt = Math.max(now, this.#freeAt) + (bytes * 1000) / settings.bytesPerSecond
    return this.#freeAt - now + latency
  }

  passed(bytes: number): void {
    this.bytes += bytes
  }
}

function directions(direction: ProxyDirection | undefined): readonly ProxyDirection[] {
  return direction === undefined ? BOTH : [direction]
}
