/// <reference lib="esnext.disposable" preserve="true" />
import { ColonyError } from '../core/error.ts'
import type { Hello } from '../core/hello.ts'
import type { Address, Channel, NodeId } from '../core/identity.ts'
import type { Refusal } from '../core/refusal.ts'
import { invalidHostOption, requireName } from '../core/validate.ts'
import type { FrameHandler, PeerClosedHandler, Transport, TransportCapabilities } from '../transport.ts'
import { Connection, type ConnectionOwner, type Ending } from './connection.ts'
import { WebSocketContext } from './context.ts'
import { Dialler, type DialListener } from './dialler.ts'
import { resolveWebSocketOptions, type WebSocketTransportOptions } from './options.ts'
import { PeerConnections } from './peer-connections.ts'
import { REFUSED_CLOSURE, type WebSocketLike } from './web-socket.ts'

/**
 * What is known of a socket before its first message.
 * @category WebSocket
 */
export interface AcceptOptions {
  /** Who it is, where whoever let it in has found that out (a token, a certificate): one that introduces itself as another node is refused. Default: it is believed. */
  readonly id?: NodeId
}

/**
 * A {@link Transport} over WebSockets.
 * @category WebSocket
 */
export interface WebSocketTransport extends Transport, AsyncDisposable {
  /** As in {@link Transport.onPeerClosed}. */
  onPeerClosed(handler: PeerClosedHandler): Disposable
  /** As in {@link Transport.contact}: the connection becomes that of the node that answers. */
  contact(address: Address, channel: Channel, frame: Uint8Array): boolean
  /** What others may dial, from the end of `open` on: the option `advertise`. */
  readonly localAddress: Address | undefined
  /**
   * Takes over a socket that a server has accepted: `server.on('connection', (socket) => transport.accept(socket))` of the package `ws`.
   * While the transport is not open, or has `maxConnections`, the socket is closed.
   */
  accept(socket: WebSocketLike, options?: AcceptOptions): void
}

/**
 * Frames over WebSockets: between a page in a browser and a server, or wherever nothing else gets through. One connection carries both directions, so a node that nobody can dial
 * is reached over the connection that it made.
 *
 * - **Order and loss.** Frames to one peer arrive in order. A frame that `send` accepted is lost only when the connection breaks.
 * - **Connecting.** The first `send` to a peer with a `ws://` or `wss://` address dials it; frames up to 1 MiB wait for that. A connection that broke is dialled again by the
 *   next `send`, after a pause with full jitter.
 * - **Handshake.** Both sides state version, cluster and id before any frame. The server proves who it is by TLS (`wss://`); who the dialling side is, is believed, unless
 *   `accept` is told.
 * - **Events** (`transport.…`): `connection-opened`, `connection-closed`, `peer-refused`, `connect-failed`, `congested`, `handler-failed`, as of the TCP transport.
 *
 * @throws A {@link ColonyError} with code `HOST_INVALID_OPTION` that names the option and its range.
 * @category WebSocket
 */
export function webSocketTransport(options: WebSocketTransportOptions): WebSocketTransport {
  return new SocketTransport(new WebSocketContext(resolveWebSocketOptions(options)))
}

/** A frame for whoever will answer at an address. */
interface EarlyContact {
  readonly message: Uint8Array
  readonly frameBytes: number
}

const MAX_CONTACTS = 64
const CLOSE_TIMEOUT_MS = 1000

class SocketTransport implements WebSocketTransport, DialListener {
  readonly capabilities: TransportCapabilities
  readonly #context: WebSocketContext
  readonly #peers = new Map<NodeId, PeerConnections>()
  readonly #dialler: Dialler
  readonly #contacts = new Map<Address, EarlyContact[]>()
  readonly #dialledFor = new Map<Address, NodeId>()
  readonly #greeting = new Set<Connection>()
  #state: 'new' | 'open' | 'closed' = 'new'
  #connections = 0
  #lastOrdinal = 0
  #sweepTimer: Disposable | undefined

  constructor(context: WebSocketContext) {
    this.#context = context
    this.#dialler = new Dialler(context, this)
    this.capabilities = { ordered: true, reliable: true, maxFrameBytes: context.options.maxFrameBytes }
  }

  get localAddress(): Address | undefined {
    return this.#state === 'new' ? undefined : this.#context.options.advertise
  }

  async open(self: NodeId): Promise<void> {
    requireName(invalidHostOption, 'self', self)
    if (this.#state === 'closed')
      throw new ColonyError('HOST_CLOSED', 'the transport was closed: make a new one')
    if (this.#state === 'open') {
      throw new ColonyError(
        'HOST_IDENTITY_CONFLICT',
        `the transport is open already, as '${this.#context.self}'`,
      )
    }
    this.#state = 'open'
    this.#context.self = self
    const { addresses, advertise } = this.#context.options
    if (advertise !== undefined) addresses.set(self, advertise)
    this.#sweepLater()
  }

  send(to: NodeId, channel: Channel, frame: Uint8Array): boolean {
    if (this.#state !== 'open' || to === this.#context.self) return false
    const message = this.#messageOf(channel, frame)
    if (message === undefined) return false
    const peer = this.#peers.get(to)
    if (peer?.isOpen === true) return peer.send(message, frame.byteLength)
    const address = this.#context.options.addresses.get(to)
    if (address === undefined) return false
    // Where somebody else is waited for at that address, whoever answers is taken; this frame has to come again.
    if (!this.#dialler.dial(address, to)) return false
    this.#dialledFor.set(address, to)
    return this.#peerOf(to).keep(message, frame.byteLength)
  }

  contact(address: Address, channel: Channel, frame: Uint8Array): boolean {
    if (this.#state !== 'open' || address === this.localAddress) return false
    const message = this.#messageOf(channel, frame)
    if (message === undefined || !this.#dialler.dial(address, undefined)) return false
    const waiting = this.#contacts.get(address) ?? []
    if (waiting.length >= MAX_CONTACTS) return false
    waiting.push({ message, frameBytes: frame.byteLength })
    this.#contacts.set(address, waiting)
    return true
  }

  receive(channel: Channel, handler: FrameHandler): Disposable {
    return this.#context.receive(channel, handler)
  }

  onPeerClosed(handler: PeerClosedHandler): Disposable {
    return this.#context.onPeerClosed(handler)
  }

  accept(socket: WebSocketLike, options: AcceptOptions = {}): void {
    if (this.#state !== 'open' || this.#connections >= this.#context.options.maxConnections) {
      const reason = this.#state === 'open' ? 'too-many-connections' : 'hung-up'
      this.#context.report('peer-refused', 'warn', { reason, direction: 'in' })
      socket.close(REFUSED_CLOSURE, reason)
      return
    }
    this.#connections++
    const owner: ConnectionOwner = {
      judge: (_connection: Connection, hello: Hello): Refusal | undefined => {
        if (options.id === undefined || options.id === hello.nodeId) return undefined
        return {
          reason: 'wrong-id',
          detail: `was let in as '${options.id}' and calls itself '${hello.nodeId}'`,
        }
      },
      opened: (connection) => this.#opened(connection),
      message: (connection, message) => this.message(connection, message),
      ended: (connection, ending) => {
        this.#connections--
        this.ended(connection, ending)
      },
    }
    this.#greeting.add(new Connection(this.#context, socket, 'in', owner))
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#sweepTimer?.[Symbol.dispose]()
    this.#dialler.close()
    for (const connection of this.#greeting) connection.end('closed')
    const closing = [...this.#peers.values()].map((peer) => peer.close('closed'))
    let timer: Disposable | undefined
    const late = new Promise<void>((resolve) => {
      timer = this.#context.options.clock.after(CLOSE_TIMEOUT_MS, resolve)
    })
    await Promise.race([Promise.all(closing), late])
    timer?.[Symbol.dispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  opened(connection: Connection, address: Address): void {
    this.#dialledFor.delete(address)
    this.#opened(connection)
    const waiting = this.#contacts.get(address) ?? []
    this.#contacts.delete(address)
    for (const { message, frameBytes } of waiting) this.#peerOf(connection.peer).send(message, frameBytes)
  }

  message(connection: Connection, message: Uint8Array): void {
    const channel = this.#context.names.channelOf(message)
    if (channel === undefined) {
      connection.end('malformed-frame')
      return
    }
    if (!this.#peerOf(connection.peer).takes(connection)) return
    this.#context.deliver(connection.peer, channel, message.subarray(1 + (message[0] ?? 0)))
  }

  ended(connection: Connection, ending: Ending): void {
    const { peer, direction } = connection
    this.#greeting.delete(connection)
    if ('before' in ending) {
      const { reason, detail } = ending.refusal
      const level = reason === 'hung-up' ? 'info' : 'warn'
      this.#context.report('peer-refused', level, { reason, detail, direction, peer })
      return
    }
    const { reason, detail } = ending
    const isNormal = reason === 'goodbye' || reason === 'closed'
    this.#context.report('connection-closed', isNormal ? 'info' : 'warn', { direction, peer, reason, detail })
    const connections = this.#peers.get(peer)
    if (connections?.ended(connection) === true) this.#peers.delete(peer)
    if (reason === 'ended' || reason === 'failed' || reason === 'goodbye') this.#context.peerClosed(peer)
  }

  failed(address: Address): void {
    this.#contacts.delete(address)
    const peer = this.#dialledFor.get(address)
    this.#dialledFor.delete(address)
    if (peer === undefined) return
    const connections = this.#peers.get(peer)
    connections?.forgetEarly()
    if (connections?.isOpen === false) this.#peers.delete(peer)
  }

  #opened(connection: Connection): void {
    this.#greeting.delete(connection)
    connection.ordinal = ++this.#lastOrdinal
    const { peer, direction } = connection
    this.#context.report('connection-opened', 'info', { direction, peer })
    this.#peerOf(peer).opened(connection)
  }

  #messageOf(channel: Channel, frame: Uint8Array): Uint8Array | undefined {
    if (frame.byteLength > this.#context.options.maxFrameBytes) return undefined
    return this.#context.names.message(channel, frame)
  }

  #peerOf(id: NodeId): PeerConnections {
    let peer = this.#peers.get(id)
    if (peer === undefined) this.#peers.set(id, (peer = new PeerConnections(this.#context, id)))
    return peer
  }

  #sweepLater(): void {
    this.#sweepTimer = this.#context.deadline(this.#context.options.pingIntervalMs, () => {
      const nowMs = this.#context.options.clock.now()
      for (const peer of this.#peers.values()) peer.sweep(nowMs)
      if (this.#state === 'open') this.#sweepLater()
    })
  }
}
