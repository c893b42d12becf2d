/**
 * What touches Node: TCP with mutual TLS, UDP, and files.
 * @module node
 */
export { diagnosticsObserver } from './diagnostics.ts'
export { nodeDisk } from './disk.ts'
export {
  nodeHost,
  type NodeHost,
  type NodeHostOptions,
  type UdpNodeHost,
  type UdpNodeHostOptions,
} from './node-host.ts'
export { tcpTransport, type TcpTransport } from './tcp-transport.ts'
export type { ReconnectOptions, TcpOptions, TcpTransportOptions } from './options.ts'
export type { TcpEndpoint } from './tcp-address.ts'
export type { TcpTransportStats } from './tcp-counters.ts'
export type { TlsOptions } from './tls.ts'
export type { UdpTransportStats } from './udp-counters.ts'
export type { UdpTransportOptions } from './udp-options.ts'
export { udpTransport, type UdpTransport } from './udp-transport.ts'
export type { CloseReason, RefusalReason } from '../core/refusal.ts'
