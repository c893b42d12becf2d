import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import type { Refusal } from '../core/refusal.ts'
import type { TcpEndpoint } from './tcp-address.ts'
import type { TcpContext } from './tcp-context.ts'
import type { TlsSetup } from './tls.ts'

/** Hears how a dial ended: exactly one of these is called, once, unless it was cancelled before. */
export interface DialListener {
  /** The socket is up, encrypted where that is asked for. `startedMs`: when the time for the handshake began to run. */
  connected(socket: Socket, startedMs: number): void
  /** Nobody was reached. */
  unreachable(detail: string): void
  /** Somebody was reached, and no TLS came about. */
  refused(refusal: Refusal): void
}

/** Connects to `endpoint`, through TLS where the options say so, within the time for the handshake. Dispose of the result to cancel. */
export function dial(context: TcpContext, endpoint: TcpEndpoint, listener: DialListener): Disposable {
  const { tls, clock, handshakeTimeoutMs } = context.options
  const startedMs = clock.now()
  const socket = tls === undefined ? connect(endpoint) : connectTls(tlsOptions(endpoint, tls))
  let reached = false
  let expired = false
  let problem: string | undefined
  let over = false
  const deadline = context.deadline(handshakeTimeoutMs, () => {
    expired = true
    socket.destroy(new Error(`no connection within ${handshakeTimeoutMs} ms`))
  })
  const finish = (): boolean => {
    deadline[Symbol.dispose]()
    const first = !over
    over = true
    return first
  }
  socket.on('error', (error: Error) => {
    problem ??= error.message
  })
  socket.once('connect', () => {
    reached = true
  })
  socket.once('close', () => {
    if (!finish()) return
    const detail = problem ?? 'closed while connecting'
    if (reached) listener.refused({ reason: expired ? 'timeout' : 'tls-failed', detail })
    else listener.unreachable(detail)
  })
  socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
    if (finish()) listener.connected(socket, startedMs)
  })
  return {
    [Symbol.dispose]: () => {
      if (finish()) socket.destroy()
    },
  }
}

function tlsOptions(endpoint: TcpEndpoint, tls: TlsSetup): ConnectionOptions {
  return {
    ...endpoint,
    secureContext: tls.client,
    rejectUnauthorized: true,
    // Who answers is checked against its node id, once it has said that: see Connection.
    checkServerIdentity: () => undefined,
    ...(isIP(endpoint.host) === 0 ? { servername: endpoint.host } : {}),
  }
}
