/**
 * What touches Node: TCP with mutual TLS, and files.
 * @module node
 */
export { diagnosticsObserver } from './diagnostics.ts'
export { nodeDisk } from './disk.ts'
export { nodeHost, type NodeHost, type NodeHostOptions } from './node-host.ts'
export { tcpTransport, type TcpTransport } from './tcp-transport.ts'
export type { ReconnectOptions, TcpOptions, TcpTransportOptions } from './options.ts'
export type { TcpEndpoint } from './tcp-address.ts'
export type { TcpTransportStats } from './tcp-counters.ts'
export type { TlsOptions } from './tls.ts'
export type { CloseReason, RefusalReason } from './refusal.ts'
