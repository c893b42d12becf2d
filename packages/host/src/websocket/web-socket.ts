/**
 * What a WebSocket has to be able to do: that of browsers, of Node 22 and later, and that of the package `ws` are such.
 * @category WebSocket
 */
export interface WebSocketLike {
  /** Set to `'arraybuffer'` at once. */
  binaryType: string
  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number
  /** Bytes that wait to be sent. */
  readonly bufferedAmount: number
  /** Sends one binary message. */
  send(data: Uint8Array): void
  /** Closes, after what was sent has gone out. */
  close(code?: number, reason?: string): void
  /** `open`, `message` (its event has `data`), `close` and `error` are listened for. */
  addEventListener(type: string, listener: (event: unknown) => void): void
}

/** {@link WebSocketLike.readyState} of a socket that may be sent to. */
export const OPEN = 1
/** Normal closure (RFC 6455, 7.4.1). */
export const NORMAL_CLOSURE = 1000
/** The other side is not wanted: of the codes that are left to applications, since browsers let a page close with no others. */
export const REFUSED_CLOSURE = 4008

/** The bytes of a message, if it is a binary one. */
export function bytesOf(event: unknown): Uint8Array | undefined {
  const { data } = event as { readonly data?: unknown }
  if (data instanceof ArrayBuffer) return new Uint8Array(data)
  // `ws` hands out its own buffers where it is asked to.
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : undefined
}
