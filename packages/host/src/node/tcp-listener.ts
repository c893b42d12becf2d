import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type Server as TlsServer, type TLSSocket } from 'node:tls'
import { ColonyError } from '../core/error.ts'
import { Connection, type ConnectionOwner } from './connection.ts'
import type { TcpEndpoint } from './tcp-address.ts'
import type { TcpContext } from './tcp-context.ts'

/** A socket between being accepted and having spoken TLS. */
interface TlsAdmission {
  readonly socket: Socket
  readonly startedMs: number
  readonly deadline: Disposable
  problem: string | undefined
  settled: boolean
}

/** Accepts sockets, as many as are allowed, and turns each into a {@link Connection}, through TLS where that is asked for. */
export class TcpListener {
  readonly #context: TcpContext
  readonly #owner: ConnectionOwner
  readonly #server: Server
  readonly #tls: TlsServer | undefined
  readonly #sockets = new Set<Socket>()
  readonly #connections = new Set<Connection>()
  // By remote address and port: Node tells which TLS socket is ready, but not which plain one it wraps.
  readonly #admissions = new Map<string, TlsAdmission>()

  /** Does not listen yet. */
  constructor(context: TcpContext, owner: ConnectionOwner) {
    this.#context = context
    this.#owner = owner
    this.#server = createServer((socket) => this.#admit(socket))
    this.#tls = this.#createTlsServer()
  }

  /** Sockets that are up. */
  get size(): number {
    return this.#sockets.size
  }

  /**
   * Binds.
   * @throws A {@link ColonyError} with code `HOST_ADDRESS_IN_USE` or `HOST_LISTEN_FAILED`.
   */
  listen(): Promise<TcpEndpoint> {
    const { host, port } = this.#context.options.listen
    const server = this.#server
    return new Promise((resolve, reject) => {
      const onError = (cause: Error): void =>
        reject(explainListenError(cause, host ?? 'every interface', port))
      server.once('error', onError)
      // Exclusive: under node:cluster workers would share the port, and with it an identity.
      server.listen({ port, exclusive: true, ...(host === undefined ? {} : { host }) }, () => {
        server.off('error', onError)
        server.on('error', (error) =>
          this.#context.report('accept-failed', 'error', { detail: error.message }),
        )
        const { address, port: bound } = server.address() as AddressInfo
        resolve({ host: address, port: bound })
      })
    })
  }

  /** Accepts no more, and says goodbye to those who are there. Resolves when every socket is gone. */
  close(): Promise<void> {
    for (const connection of this.#connections) connection.finish('closed')
    for (const admission of this.#admissions.values()) {
      if (!admission.settled) admission.socket.destroy()
    }
    const closed = [new Promise<unknown>((resolve) => this.#server.close(resolve))]
    // The server counts a socket as gone a little before the socket itself says so.
    for (const socket of this.#sockets) closed.push(new Promise((resolve) => socket.once('close', resolve)))
    return Promise.all(closed).then(() => undefined)
  }

  /** Drops every socket. */
  destroy(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  #admit(socket: Socket): void {
    // Whoever reads the socket hears of its errors; without a listener here one that comes earlier would end the process.
    socket.on('error', () => {})
    const { maxConnections, clock } = this.#context.options
    if (this.#sockets.size >= maxConnections) {
      const detail = `maxConnections (${maxConnections}) are open`
      this.#context.refused({ reason: 'too-many-connections', detail }, 'in', { remote: nameRemote(socket) })
      socket.destroy()
      return
    }
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    if (this.#tls === undefined) this.#connect(socket, clock.now())
    else this.#admitTls(socket, this.#tls)
  }

  #admitTls(socket: Socket, server: TlsServer): void {
    const remote = nameRemote(socket)
    const { handshakeTimeoutMs, clock } = this.#context.options
    const startedMs = clock.now()
    const deadline = this.#context.deadline(handshakeTimeoutMs, () => {
      admission.settled = true
      const detail = `no TLS handshake within ${handshakeTimeoutMs} ms`
      this.#context.refused({ reason: 'timeout', detail }, 'in', { remote })
      socket.destroy()
    })
    const admission: TlsAdmission = { socket, startedMs, deadline, problem: undefined, settled: false }
    this.#admissions.set(remote, admission)
    socket.once('close', () => {
      deadline[Symbol.dispose]()
      this.#admissions.delete(remote)
      if (admission.settled) return
      const { problem } = admission
      const reason = problem === undefined ? 'hung-up' : 'tls-failed'
      const detail = problem ?? 'closed in the middle of the TLS handshake'
      this.#context.refused({ reason, detail }, 'in', { remote })
    })
    server.emit('connection', socket)
  }

  #createTlsServer(): TlsServer | undefined {
    const { tls } = this.#context.options
    if (tls === undefined) return undefined
    // Unauthorised sockets are refused below, by name, instead of vanishing without a trace.
    const server = createTlsServer({ ...tls.server, requestCert: true, rejectUnauthorized: false })
    server.on('tlsClientError', (error, socket) => {
      const admission = this.#admissions.get(nameRemote(socket))
      if (admission !== undefined) admission.problem = error.message
      socket.destroy()
    })
    server.on('secureConnection', (socket) => this.#onSecure(socket))
    return server
  }

  #onSecure(socket: TLSSocket): void {
    const admission = this.#admissions.get(nameRemote(socket))
    if (admission === undefined || admission.settled) {
      socket.destroy()
    } else if (!socket.authorized) {
      admission.problem = `no certificate that the CA has signed: ${String(socket.authorizationError)}`
      socket.on('error', () => {})
      socket.destroy()
    } else {
      admission.settled = true
      admission.deadline[Symbol.dispose]()
      this.#connect(socket, admission.startedMs)
    }
  }

  #connect(socket: Socket, startedMs: number): void {
    const connection = new Connection(this.#context, socket, 'in', this.#owner, startedMs)
    this.#connections.add(connection)
    socket.once('close', () => this.#connections.delete(connection))
  }
}

function nameRemote(socket: Socket): string {
  return `${socket.remoteAddress}:${socket.remotePort}`
}

/** What to do about a port that cannot be had. */
export function explainListenError(cause: Error, host: string, port: number): ColonyError {
  const code = (cause as NodeJS.ErrnoException).code
  if (code === 'EADDRINUSE') {
    const advice = 'stop the process that listens there, or choose another port (0 takes a free one)'
    const message = `port ${port} on ${host} is in use: ${advice}`
    return new ColonyError('HOST_ADDRESS_IN_USE', message, { cause, retryable: true })
  }
  const advice =
    code === 'EACCES'
      ? 'ports below 1024 need a privilege: choose a higher one'
      : 'listen.host must be an address of this machine'
  return new ColonyError(
    'HOST_LISTEN_FAILED',
    `cannot listen on ${host}, port ${port} (${code}): ${advice}`,
    { cause },
  )
}
