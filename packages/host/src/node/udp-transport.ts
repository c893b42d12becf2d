/// <reference lib="esnext.disposable" preserve="true" />
import { ColonyError } from '../core/error.ts'
import type { Address, Channel, NodeId } from '../core/identity.ts'
import { invalidHostOption, requireName } from '../core/validate.ts'
import type { FrameHandler, PeerClosedHandler, Transport, TransportCapabilities } from '../transport.ts'
import { DatagramChannels } from './datagram-channels.ts'
import { DatagramHeads } from './datagram-head.ts'
import { DatagramRoutes } from './datagram-routes.ts'
import { addressOfHost, type DatagramEndpoint, DatagramSocket } from './datagram-socket.ts'
import { TcpContext } from './tcp-context.ts'
import { streamTransport, type TcpTransport } from './tcp-transport.ts'
import { createUdpCounters, type UdpCounters, type UdpTransportStats } from './udp-counters.ts'
import { type ResolvedUdpOptions, resolveUdpOptions, type UdpTransportOptions } from './udp-options.ts'

/** Free ports of UDP that are tried until one is free for connections too. */
const PORT_ATTEMPTS = 16

/** Strangers are told of once in this time. */
const FOREIGN_INTERVAL_MS = 60_000

/**
 * A {@link Transport} over UDP, with connections for what a datagram does not hold.
 * @category Transport
 */
export interface UdpTransport extends Transport, AsyncDisposable {
  /** As in {@link Transport.contact}, over a connection. */
  contact(address: Address, channel: Channel, frame: Uint8Array): boolean
  /** As in {@link Transport.stream}. */
  stream(to: NodeId, channel: Channel, frame: Uint8Array): boolean
  /** As in {@link Transport.onPeerClosed}, for those peers to which there is a connection. */
  onPeerClosed(handler: PeerClosedHandler): Disposable
  /** Where other nodes reach this one, `udp://host:port`, from the end of `open` on; `undefined` before. */
  readonly localAddress: Address | undefined
  /** What the transport has done so far, for metrics. A copy. */
  stats(): UdpTransportStats
}

/**
 * Frames between processes as UDP datagrams, one each: what gossip is made for, where a lost frame costs nothing and a connection to every peer would. Frames above `datagramBytes`, those of `stream` and
 * `contact`, and those of channels that are not among `datagramChannels`, go over TCP or mutual TLS at the same port number, as with {@link tcpTransport}.
 *
 * - **No secrets.** Datagrams are neither encrypted nor authenticated, also with `tls`, which is for the connections: anybody who reaches the port can claim
 *   any id. Encryption is the matter of the protocol: `createKeyring` of `@colony/gossip/node`.
 * - **Loss and order.** A datagram is lost, late, doubled and overtaken as the network likes. Nothing is sent again.
 * - **Answers.** A node that is not in the address book can be answered by datagram at the address that it wrote from last; the last 1024 such nodes are remembered.
 * - **Host names** in addresses are looked up in the background, again after 30 s; up to 64 datagrams wait for the first time.
 * - **Limits.** `send` returns `false` when 1 MiB of datagrams waits for the operating system.
 * - **Events** (`transport.…`): those of {@link tcpTransport}, and `datagram-refused` (a datagram of another cluster or version, or of something else; `remote`; at most one a minute).
 *
 * @throws A {@link ColonyError} with code `HOST_INVALID_OPTION` that names the option and its range.
 * @category Transport
 */
export function udpTransport(options: UdpTransportOptions): UdpTransport {
  return new DatagramTransport(resolveUdpOptions(options))
}

class DatagramTransport implements UdpTransport {
  readonly capabilities: TransportCapabilities
  readonly #options: ResolvedUdpOptions
  readonly #context: TcpContext
  readonly #stream: TcpTransport
  readonly #heads: DatagramHeads
  readonly #channels = new DatagramChannels()
  readonly #counters: UdpCounters = createUdpCounters()
  #state: 'new' | 'opening' | 'open' | 'closed' = 'new'
  #socket: DatagramSocket | undefined
  #routes: DatagramRoutes | undefined
  #opening: Promise<void> | undefined
  #closing: Promise<void> | undefined
  #foreignToldMs = -Infinity

  constructor(options: ResolvedUdpOptions) {
    this.#options = options
    this.#context = new TcpContext(options.stream)
    this.#stream = streamTransport(this.#context)
    this.#heads = new DatagramHeads(options.stream.clusterId)
    const { maxFrameBytes } = options.stream
    this.capabilities = {
      ordered: false,
      reliable: false,
      maxFrameBytes,
      datagramBytes: options.datagramBytes,
    }
  }

  get localAddress(): Address | undefined {
    return this.#stream.localAddress
  }

  async open(self: NodeId): Promise<void> {
    requireName(invalidHostOption, 'id', self)
    if (this.#state === 'new') {
      this.#state = 'opening'
      this.#heads.sender(self)
      this.#opening = this.#bind(self)
    } else if (this.#state !== 'closed') {
      throw new ColonyError(
        'HOST_IDENTITY_CONFLICT',
        `the transport is open already, as '${this.#context.self}'`,
      )
    } else {
      throw new ColonyError('HOST_CLOSED', 'the transport was closed: make a new one')
    }
    try {
      await this.#opening
    } catch (error) {
      if (this.#state === 'opening') this.#state = 'new'
      throw error
    }
    if (this.#state === 'opening') this.#state = 'open'
  }

  send(to: NodeId, channel: Channel, frame: Uint8Array): boolean {
    if (!this.#travelsAlone(channel, frame)) return this.#stream.send(to, channel, frame)
    const head = this.#heads.of(channel)
    if (head === undefined || !this.#sendDatagram(to, head, frame)) {
      this.#counters.datagramsDropped++
      return false
    }
    this.#counters.datagramsSent++
    return true
  }

  stream(to: NodeId, channel: Channel, frame: Uint8Array): boolean {
    return this.#stream.send(to, channel, frame)
  }

  contact(address: Address, channel: Channel, frame: Uint8Array): boolean {
    return this.#stream.contact(address, channel, frame)
  }

  receive(channel: Channel, handler: FrameHandler): Disposable {
    const streamed = this.#stream.receive(channel, (from, frame) => handler(from, frame, 'stream'))
    try {
      const alone = this.#channels.add(this.#heads.channelTag(channel), channel, handler)
      return {
        [Symbol.dispose]: () => {
          streamed[Symbol.dispose]()
          alone[Symbol.dispose]()
        },
      }
    } catch (error) {
      streamed[Symbol.dispose]()
      throw error
    }
  }

  onPeerClosed(handler: PeerClosedHandler): Disposable {
    return this.#stream.onPeerClosed(handler)
  }

  stats(): UdpTransportStats {
    return { ...this.#counters, queuedBytes: this.#socket?.queuedBytes ?? 0, stream: this.#stream.stats() }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #travelsAlone(channel: Channel, frame: Uint8Array): boolean {
    const { datagramBytes, datagramChannels } = this.#options
    return frame.length <= datagramBytes && (datagramChannels === undefined || datagramChannels.has(channel))
  }

  #sendDatagram(to: NodeId, head: Buffer, frame: Uint8Array): boolean {
    const routes = this.#routes
    if (routes === undefined || this.#state !== 'open' || to === this.#context.self) return false
    const address = this.#options.stream.addresses.get(to)
    return address === undefined ? routes.answer(to, head, frame) : routes.send(address, head, frame)
  }

  /** Binds one port number twice: for datagrams, then for connections. */
  async #bind(self: NodeId): Promise<void> {
    const { listen, clock } = this.#options.stream
    const { port } = listen
    if (listen.host !== undefined) listen.host = await resolveHost(listen.host)
    for (let attempt = 1; ; attempt++) {
      const socket = await DatagramSocket.bind(listen.host, port, this.#counters, (bytes, from) => {
        this.#onDatagram(bytes, from)
      })
      listen.port = socket.port
      try {
        await this.#stream.open(self)
        this.#routes = new DatagramRoutes(socket, clock, this.#counters)
        this.#socket = socket
        return
      } catch (error) {
        await socket.close()
        // The number was free for datagrams alone: another one may be free for both.
        const isTaken = error instanceof ColonyError && error.code === 'HOST_ADDRESS_IN_USE'
        if (!isTaken || port !== 0 || attempt === PORT_ATTEMPTS) throw error
      } finally {
        listen.port = port
      }
    }
  }

  #onDatagram(bytes: Buffer, remote: DatagramEndpoint): void {
    if (this.#state !== 'open') return
    const counters = this.#counters
    counters.bytesReceived += bytes.length
    const head = this.#heads.read(bytes)
    if (head === 'foreign') {
      this.#onForeign(remote)
    } else if (head === 'malformed' || head.from === this.#context.self) {
      counters.datagramsMalformed++
    } else {
      if (this.#options.stream.addresses.get(head.from) === undefined) {
        this.#routes?.remember(head.from, remote)
      }
      this.#deliver(head.channel, head.from, bytes.subarray(head.payload))
    }
  }

  #deliver(tag: number, from: NodeId, bytes: Buffer): void {
    const receiver = this.#channels.get(tag)
    if (receiver === undefined) {
      this.#counters.datagramsUnclaimed++
      return
    }
    this.#counters.datagramsReceived++
    try {
      receiver.handler(from, new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), 'datagram')
    } catch (error) {
      this.#counters.handlerFailures++
      const about = { channel: receiver.channel, peer: from, error: String(error) }
      this.#context.report('handler-failed', 'error', about)
    }
  }

  #onForeign({ ip, port }: DatagramEndpoint): void {
    this.#counters.datagramsForeign++
    const nowMs = this.#options.stream.clock.now()
    if (nowMs - this.#foreignToldMs < FOREIGN_INTERVAL_MS) return
    this.#foreignToldMs = nowMs
    const detail = 'a datagram of another cluster, of another version, or of something else'
    this.#context.report('datagram-refused', 'warn', { remote: `${ip}:${port}`, detail })
  }

  async #close(): Promise<void> {
    const opening = this.#opening
    this.#state = 'closed'
    // Ends an opening that is under way, too; the socket for datagrams is freed by that.
    const streamed = this.#stream.close()
    await opening?.catch(() => undefined)
    await Promise.all([streamed, this.#closeSocket()])
  }

  async #closeSocket(): Promise<void> {
    const socket = this.#socket
    if (socket === undefined) return
    const { clock, closeTimeoutMs } = this.#options.stream
    let timer: Disposable | undefined
    const late = new Promise<void>((resolve) => {
      timer = clock.after(closeTimeoutMs, resolve)
    })
    await Promise.race([socket.drain(), late])
    timer?.[Symbol.dispose]()
    await socket.close()
  }
}

/** Both parts listen at the same address of a name that may have several. */
async function resolveHost(host: string): Promise<string> {
  try {
    return await addressOfHost(host)
  } catch (cause) {
    throw new ColonyError('HOST_LISTEN_FAILED', `cannot listen on ${host}: there is no such host`, { cause })
  }
}
