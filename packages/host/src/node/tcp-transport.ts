/// <reference lib="esnext.disposable" preserve="true" />
import { networkInterfaces } from 'node:os'
import { ColonyError } from '../core/error.ts'
import type { Address, Channel, NodeId } from '../core/identity.ts'
import { invalidHostOption, requireName } from '../core/validate.ts'
import type { FrameHandler, PeerClosedHandler, Transport, TransportCapabilities } from '../transport.ts'
import type { MadeContact } from './contact.ts'
import { Contacts } from './contacts.ts'
import { IncomingConnections } from './incoming.ts'
import { resolveTcpOptions, type TcpTransportOptions } from './options.ts'
import { PeerLink, type LinkOwner } from './peer-link.ts'
import { formatTcpAddress, type TcpEndpoint } from './tcp-address.ts'
import { TcpContext } from './tcp-context.ts'
import { snapshotStats, type TcpTransportStats } from './tcp-counters.ts'
import { TcpListener } from './tcp-listener.ts'

/**
 * A {@link Transport} over TCP or mutual TLS, with what only sockets have.
 * @category Transport
 */
export interface TcpTransport extends Transport, AsyncDisposable {
  /** As in {@link Transport.onPeerClosed}; connections that this node ends itself, or that another one replaces, do not count. */
  onPeerClosed(handler: PeerClosedHandler): Disposable
  /** Where other nodes reach this one, `tcp://host:port`, from the end of `open` on; `undefined` before. */
  readonly localAddress: Address | undefined
  /**
   * As in {@link Transport.contact}: dials `address` without expecting anybody in particular. The connection becomes that of the node that answers, so that frames
   * can be sent to it by its id too, until the connection ends. With `tls` its certificate must name the id that it answers with.
   */
  contact(address: Address, channel: Channel, frame: Uint8Array): boolean
  /** What the transport has done so far, for metrics. A copy. */
  stats(): TcpTransportStats
}

/**
 * Frames between processes over TCP: one port for all channels, one connection in each direction between two nodes that talk.
 *
 * - **Order and loss.** Frames to one peer arrive in order. A frame that `send` accepted is lost only when the connection breaks.
 * - **Connecting.** The first `send` to a peer dials it; frames up to 1 MiB wait for that first connect (and for one that follows a
 *   sign of life from the peer), at any other time without a connection `send` returns `false`. A broken connection is dialled
 *   again, with jittered backoff and the peer's address of that moment, as long as somebody sends.
 * - **Handshake.** Both sides state protocol version, cluster id and node id before any frame; with `tls` the certificate must name
 *   the node id. Without it the network is trusted: whoever reaches the port can claim any id.
 * - **Limits.** `send` returns `false` when `maxQueueBytes` wait for the peer; received frames are views of what was read from the
 *   socket, so a receiver that keeps a few small ones for long copies them.
 * - **Events** (`transport.…`): `listening`, `connection-opened`, `connection-closed` (`reason`, a {@link CloseReason}),
 *   `peer-refused` (`reason`, a {@link RefusalReason}), `connect-failed`, `congested`, `handler-failed`, `accept-failed`, `closed`.
 *
 * @throws A {@link ColonyError} with code `HOST_INVALID_OPTION` that names the option and its range.
 * @category Transport
 */
export function tcpTransport(options: TcpTransportOptions): TcpTransport {
  return streamTransport(new TcpContext(resolveTcpOptions(options)))
}

/** The same for whoever has the context already: UDP, whose large frames go this way. */
export function streamTransport(context: TcpContext): TcpTransport {
  return new SocketTransport(context)
}

class SocketTransport implements TcpTransport, LinkOwner {
  readonly capabilities: TransportCapabilities
  readonly #context: TcpContext
  readonly #links = new Map<NodeId, PeerLink>()
  readonly #incoming: IncomingConnections
  readonly #contacts: Contacts
  #state: 'new' | 'opening' | 'open' | 'closed' = 'new'
  #listener: TcpListener | undefined
  #listening: Promise<TcpEndpoint> | undefined
  #localAddress: Address | undefined
  #sweepTimer: Disposable | undefined
  #closing: Promise<void> | undefined
  /** Links with frames to write when this tick ends. */
  #dirty: PeerLink[] = []
  readonly #flush = (): void => this.#flushDirty()

  constructor(context: TcpContext) {
    this.#context = context
    this.capabilities = { ordered: true, reliable: true, maxFrameBytes: context.options.maxFrameBytes }
    this.#incoming = new IncomingConnections(context, (peer, incarnation) => {
      this.#links.get(peer)?.encourage(incarnation)
    })
    this.#contacts = new Contacts(context, (made) => this.#adopt(made))
  }

  get localAddress(): Address | undefined {
    return this.#localAddress
  }

  async open(self: NodeId): Promise<void> {
    requireName(invalidHostOption, 'id', self)
    this.#refuseReopening()
    this.#state = 'opening'
    this.#context.self = self
    const listener = new TcpListener(this.#context, this.#incoming)
    this.#listener = listener
    this.#listening = listener.listen()
    let endpoint: TcpEndpoint
    try {
      endpoint = await this.#listening
    } catch (error) {
      this.#listener = undefined
      if (this.#state === 'opening') this.#state = 'new'
      throw error
    }
    // `close` waits for the port to be bound, and frees it then.
    if (this.#state !== 'opening')
      throw new ColonyError('HOST_CLOSED', 'the transport was closed while it opened')
    this.#state = 'open'
    this.#publish(self, endpoint)
    this.#sweepLater(this.#context.options.clock.now())
  }

  send(to: NodeId, channel: Channel, frame: Uint8Array): boolean {
    const { counters } = this.#context
    const prefix = this.#context.channels.prefix(channel)
    const link = this.#links.get(to) ?? this.#makeLink(to)
    if (link === undefined || prefix === undefined || !link.send(prefix, frame)) {
      counters.framesDropped++
      return false
    }
    counters.framesSent++
    return true
  }

  contact(address: Address, channel: Channel, frame: Uint8Array): boolean {
    const { counters } = this.#context
    const prefix = this.#context.channels.prefix(channel)
    if (prefix === undefined || !this.#contact(address, prefix, frame)) {
      counters.framesDropped++
      return false
    }
    counters.framesSent++
    return true
  }

  receive(channel: Channel, handler: FrameHandler): Disposable {
    return this.#context.channels.add(channel, handler)
  }

  onPeerClosed(handler: PeerClosedHandler): Disposable {
    return this.#context.onPeerClosed(handler)
  }

  stats(): TcpTransportStats {
    let outgoing = 0
    let queuedBytes = 0
    for (const link of this.#links.values()) {
      if (link.open) outgoing++
      queuedBytes += link.queuedBytes
    }
    return snapshotStats(this.#context.counters, {
      incoming: this.#listener?.size ?? 0,
      outgoing,
      queuedBytes,
    })
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  schedule(link: PeerLink): void {
    // Not setImmediate: what the events of one poll phase cause would be gathered further, but each answer would wait for all of it.
    if (this.#dirty.length === 0) process.nextTick(this.#flush)
    this.#dirty.push(link)
  }

  retired(link: PeerLink): void {
    if (this.#links.get(link.peer) === link) this.#links.delete(link.peer)
  }

  #flushDirty(): void {
    const links = this.#dirty
    this.#dirty = []
    for (const link of links) link.flush()
  }

  #refuseReopening(): void {
    if (this.#state === 'closed')
      throw new ColonyError('HOST_CLOSED', 'the transport was closed: make a new one')
    if (this.#state !== 'new') {
      throw new ColonyError(
        'HOST_IDENTITY_CONFLICT',
        `the transport is open already, as '${this.#context.self}'`,
      )
    }
  }

  #contact(address: Address, prefix: Uint8Array, frame: Uint8Array): boolean {
    if (this.#state !== 'open' || address === this.#localAddress) return false
    for (const link of this.#links.values()) if (link.leadsTo(address)) return link.send(prefix, frame)
    return this.#contacts.send(address, prefix, frame)
  }

  #adopt(made: MadeContact): void {
    const { peer } = made.connection
    const link = this.#links.get(peer) ?? new PeerLink(this.#context, peer, this)
    this.#links.set(peer, link)
    link.adopt(made)
  }

  #makeLink(to: NodeId): PeerLink | undefined {
    if (this.#state !== 'open' || to === this.#context.self) return undefined
    if (this.#context.options.addresses.get(to) === undefined) return undefined
    const link = new PeerLink(this.#context, to, this)
    this.#links.set(to, link)
    link.dial()
    return link
  }

  /** Writes into the address book where this node can be reached, unless somebody who knows better has done so. */
  #publish(self: NodeId, endpoint: TcpEndpoint): void {
    const { addresses, advertise, scheme } = this.#context.options
    this.#localAddress =
      advertise ?? formatTcpAddress({ host: reachableHost(endpoint.host), port: endpoint.port }, scheme)
    if (advertise !== undefined || addresses.get(self) === undefined) addresses.set(self, this.#localAddress)
    this.#context.report('listening', 'info', { ...endpoint, address: this.#localAddress })
  }

  #sweepLater(lastMs: number): void {
    this.#sweepTimer = this.#context.deadline(this.#context.options.pingIntervalMs, () => {
      const nowMs = this.#context.options.clock.now()
      for (const link of this.#links.values()) link.sweep(nowMs, nowMs - lastMs)
      this.#incoming.sweep(nowMs)
      // An observer that was told of an idle connection may have closed the transport.
      if (this.#state === 'open') this.#sweepLater(nowMs)
    })
  }

  async #close(): Promise<void> {
    const wasOpen = this.#state === 'open'
    this.#state = 'closed'
    this.#sweepTimer?.[Symbol.dispose]()
    const links = [...this.#links.values()]
    const gone = links.map((link) => link.gone)
    for (const link of links) link.retire('closed')
    this.#incoming.close()
    this.#contacts.close()
    await this.#listening?.catch(() => undefined)
    const listener = this.#listener
    if (listener === undefined) return
    const timer = this.#context.options.clock.after(this.#context.options.closeTimeoutMs, () => {
      for (const link of links) link.destroy()
      listener.destroy()
    })
    await Promise.all([listener.close(), ...gone])
    timer[Symbol.dispose]()
    if (wasOpen) this.#context.report('closed', 'info', {})
  }
}

/** What others can dial: a wildcard is replaced by the first outward address of this machine. */
function reachableHost(bound: string): string {
  if (bound !== '::' && bound !== '0.0.0.0') return bound
  const candidates = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  const outward = candidates.filter(({ internal, address }) => !internal && !address.startsWith('fe80'))
  const preferred = outward.find(({ family }) => family === 'IPv4') ?? outward[0]
  return preferred?.address ?? '127.0.0.1'
}
