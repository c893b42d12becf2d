import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { explainListenError } from './tcp-listener.ts'
import type { UdpCounters } from './udp-counters.ts'

/** Where a datagram goes: an address as the socket takes it. */
export interface DatagramEndpoint {
  readonly ip: string
  readonly port: number
}

/** Datagrams that wait when the network is slower than we are; more would be stale when they leave. */
const MAX_QUEUED_BYTES = 1024 * 1024

/** What the operating system may keep while the event loop is busy; it gives less where that is its limit. */
const RECEIVE_BUFFER_BYTES = 2 * 1024 * 1024

/** Takes what arrives. */
export type DatagramSink = (bytes: Buffer, from: DatagramEndpoint) => void

/** A bound UDP socket, of IPv4 or of IPv6; one on every interface speaks both. */
export class DatagramSocket {
  /** Where it is bound. */
  readonly port: number
  readonly #socket: Socket
  readonly #counters: UdpCounters
  readonly #isV6: boolean
  #sending = 0
  #closed = false
  #drained: (() => void) | undefined
  readonly #onSent = (error: Error | null): void => {
    this.#sending--
    if (error !== null) this.#counters.datagramErrors++
    if (this.#sending === 0) this.#drained?.()
  }

  private constructor(socket: Socket, counters: UdpCounters, sink: DatagramSink) {
    this.#socket = socket
    this.#counters = counters
    const { port, family } = socket.address()
    this.port = port
    this.#isV6 = family === 'IPv6'
    socket.on('message', (bytes: Buffer, { address, port: from }: RemoteInfo) =>
      sink(bytes, { ip: address, port: from }),
    )
    // Mostly an ICMP message about an earlier datagram: whom it was for may be gone, which is the protocol's to find out.
    socket.on('error', () => void counters.datagramErrors++)
  }

  /**
   * Binds to `host`, or to every interface, and to `port`, or to a free one.
   * @throws A {@link ColonyError} with code `HOST_ADDRESS_IN_USE` or `HOST_LISTEN_FAILED`.
   */
  static async bind(
    host: string | undefined,
    port: number,
    counters: UdpCounters,
    sink: DatagramSink,
  ): Promise<DatagramSocket> {
    try {
      const socket = await bindAnyFamily(host, port)
      try {
        socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES)
      } catch {
        // The system's own size will do.
      }
      return new DatagramSocket(socket, counters, sink)
    } catch (cause) {
      throw explainListenError(cause as Error, host ?? 'every interface', port)
    }
  }

  /** Bytes that wait for the operating system. */
  get queuedBytes(): number {
    return this.#closed ? 0 : this.#socket.getSendQueueSize()
  }

  /** `ip` as this socket takes it; `undefined` when it is of a family that the socket does not speak. */
  endpoint(ip: string, port: number): DatagramEndpoint | undefined {
    if (port === 0) return undefined
    const isV6 = isIP(ip) === 6
    if (isV6 === this.#isV6) return { ip, port }
    return isV6 ? undefined : { ip: `::ffff:${ip}`, port }
  }

  /** Sends `head` and `frame` as one datagram, or drops it. */
  send(head: Buffer, frame: Uint8Array, { ip, port }: DatagramEndpoint): boolean {
    if (this.#closed || this.queuedBytes > MAX_QUEUED_BYTES) return false
    this.#sending++
    this.#socket.send([head, frame], port, ip, this.#onSent)
    this.#counters.bytesSent += head.length + frame.length
    return true
  }

  /** Resolves when the operating system has taken everything. */
  async drain(): Promise<void> {
    if (this.#sending === 0) return
    await new Promise<void>((resolve) => {
      this.#drained = resolve
    })
  }

  /** Frees the port. */
  async close(): Promise<void> {
    this.#closed = true
    await new Promise<void>((resolve) => void this.#socket.close(resolve))
  }
}

async function bindAnyFamily(host: string | undefined, port: number): Promise<Socket> {
  if (host !== undefined) return await bindAddress(host, port)
  try {
    return await bindAddress('::', port)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL') throw error
    return await bindAddress('0.0.0.0', port)
  }
}

function bindAddress(address: string, port: number): Promise<Socket> {
  const socket = createSocket({
    type: isIP(address) === 6 ? 'udp6' : 'udp4',
    // Only addresses come here, and Node would look each of them up, asynchronously, for every datagram.
    lookup: (ip, _options, callback) => callback(null, ip, isIP(ip)),
  })
  return new Promise((resolve, reject) => {
    const onError = (error: Error): void => {
      socket.close()
      reject(error)
    }
    socket.once('error', onError)
    // Exclusive: under node:cluster workers would share the port, and with it an identity.
    socket.bind({ port, address, exclusive: true }, () => {
      socket.off('error', onError)
      resolve(socket)
    })
  })
}

/** The address of a host name; addresses are their own. */
export async function addressOfHost(host: string): Promise<string> {
  return isIP(host) === 0 ? (await lookup(host)).address : host
}
