/**
 * A transport over WebSockets, for pages in browsers and for networks that let nothing else through.
 * @module websocket
 */
export { type AcceptOptions, webSocketTransport, type WebSocketTransport } from './web-socket-transport.ts'
export type { WebSocketTransportOptions } from './options.ts'
export type { WebSocketLike } from './web-socket.ts'
