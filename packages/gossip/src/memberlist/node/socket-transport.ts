import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, isIPv6, type Server, type Socket } from 'node:net'
import { ColonyError } from '@colony/host'
import type { SerfConnection, SerfTransport, SerfTransportHandlers } from './transport.ts'

/** How often another free port is tried, when that of TCP is taken for UDP. */
const PORT_ATTEMPTS = 20
/** Most bytes that wait in a connection to be taken by the other side. */
const MAX_PENDING_BYTES = 64 * 1024 * 1024

/** UDP and TCP at one port, as memberlist listens. */
export class SocketTransport implements SerfTransport {
  readonly #host: string
  readonly #port: number
  readonly #open = new Set<Socket>()
  #server: Server | undefined
  #udp: UdpSocket | undefined

  /** @param port 0 for any that is free for both. */
  constructor(host: string, port: number) {
    this.#host = host
    this.#port = port
  }

  /** @inheritdoc */
  async open(handlers: SerfTransportHandlers): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#listen(handlers)
      } catch (error) {
        await this.close()
        const inUse = (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
        if (!inUse || this.#port !== 0 || attempt >= PORT_ATTEMPTS) throw this.#listenError(error, inUse)
      }
    }
  }

  /** @inheritdoc */
  send(to: string, bytes: Uint8Array): void {
    const { host, port } = splitAddress(to)
    // What can't be sent is lost, as any datagram may be.
    this.#udp?.send(bytes, port, host, () => {})
  }

  /** @inheritdoc */
  connect(to: string): SerfConnection {
    const socket = connect(splitAddress(to))
    this.#keep(socket)
    return connectionOf(socket, to)
  }

  /** @inheritdoc */
  async close(): Promise<void> {
    const [server, udp] = [this.#server, this.#udp]
    this.#server = undefined
    this.#udp = undefined
    for (const socket of this.#open) socket.destroy()
    const closed: Promise<unknown>[] = []
    if (server?.listening === true) closed.push(once(server, 'close'))
    server?.close()
    if (udp !== undefined) {
      closed.push(once(udp, 'close'))
      udp.close()
    }
    await Promise.all(closed)
  }

  async #listen(handlers: SerfTransportHandlers): Promise<string> {
    const server = createServer((socket) => {
      this.#keep(socket)
      handlers.connection(connectionOf(socket, joinAddress(socket.remoteAddress, socket.remotePort)))
    })
    this.#server = server
    server.listen(this.#port, this.#host)
    await once(server, 'listening')
    server.on('error', () => {})
    const { address, port } = server.address() as AddressInfo
    const udp = createSocket(isIPv6(this.#host) ? 'udp6' : 'udp4')
    this.#udp = udp
    udp.bind(port, this.#host)
    await once(udp, 'listening')
    udp.on('error', () => {})
    udp.on('message', (bytes, from) =>
      handlers.packet(joinAddress(from.address, from.port), plainBytes(bytes)),
    )
    return joinAddress(address, port)
  }

  #keep(socket: Socket): void {
    this.#open.add(socket)
    socket.on('close', () => this.#open.delete(socket))
    // A connection that fails is closed next, which says all.
    socket.on('error', () => {})
    socket.setNoDelay(true)
  }

  #listenError(cause: unknown, inUse: boolean): ColonyError {
    const where = joinAddress(this.#host, this.#port)
    if (inUse)
      return new ColonyError('HOST_ADDRESS_IN_USE', `somebody listens at ${where} already`, { cause })
    return new ColonyError('HOST_LISTEN_FAILED', `cannot listen at ${where}`, { cause })
  }
}

/** `ip:port`, with brackets around IPv6. */
export function joinAddress(host: string | undefined, port: number | undefined): string {
  if (host === undefined || port === undefined) return ''
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`
}

/** The reverse of {@link joinAddress}; without a port it is memberlist's, 7946. */
export function splitAddress(address: string): { host: string; port: number } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(address) ?? []
  return { host: bracketed ?? plain ?? address, port: port === undefined ? DEFAULT_PORT : Number(port) }
}

const DEFAULT_PORT = 7946

/** The same bytes as what they are said to be: `slice` of a Buffer is no copy. */
function plainBytes({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

function connectionOf(socket: Socket, remote: string): SerfConnection {
  return {
    remote,
    receive(data, ended) {
      socket.on('data', (chunk) => data(plainBytes(chunk)))
      socket.on('close', ended)
    },
    write(bytes) {
      if (socket.writableLength + bytes.length > MAX_PENDING_BYTES) socket.destroy()
      else if (socket.writable) socket.write(bytes)
    },
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
  }
}
