/**
 * One connection for one message each way. Chunks may be cut anywhere.
 * @category Interop
 */
export interface SerfConnection {
  /** Where the other side is, as `ip:port`; `''` when it is not known. */
  readonly remote: string
  /** Begins to receive: `data` is called with each chunk, then `ended` once, however it ended. Called once, at once. */
  receive(data: (chunk: Uint8Array) => void, ended: () => void): void
  /** Says something. Before the connection is made it waits; after its end it is dropped. */
  write(bytes: Uint8Array): void
  /** Ends it once what was written is on its way. Idempotent. */
  end(): void
  /** Ends it at once. Idempotent. */
  destroy(): void
}

/**
 * Takes what comes in.
 * @category Interop
 */
export interface SerfTransportHandlers {
  /** A datagram came. */
  packet(from: string, bytes: Uint8Array): void
  /** Somebody dialled. */
  connection(connection: SerfConnection): void
}

/**
 * What carries the protocol: datagrams and connections at the same port, between literal addresses `ip:port`. By default the system's UDP and TCP; another
 * one runs a cluster in one process, or in a simulation.
 * @category Interop
 */
export interface SerfTransport {
  /** Starts to listen. Resolves with where, as `ip:port`. */
  open(handlers: SerfTransportHandlers): Promise<string>
  /** Sends a datagram, or drops it. Never throws. */
  send(to: string, bytes: Uint8Array): void
  /** Dials. `to` may have a host's name for an address. Never throws: a connection that can't be made ends. */
  connect(to: string): SerfConnection
  /** Stops, and ends what is open. Idempotent. */
  close(): Promise<void>
}
