import type { NodeId } from '../core/identity.ts'
import type { CloseReason } from '../core/refusal.ts'
import type { Connection } from './connection.ts'
import type { WebSocketContext } from './context.ts'

/** Frames may wait for a first connection, up to this much. */
const MAX_EARLY_BYTES = 1024 * 1024

/**
 * All connections with one peer, whoever made them: both sides may dial at the same moment. Frames to the peer take one of them for as long as that is
 * open, so that they arrive in order; those from the peer are taken from the latest on which any came.
 */
export class PeerConnections {
  readonly peer: NodeId
  readonly #context: WebSocketContext
  readonly #open = new Set<Connection>()
  #current: Connection | undefined
  /** The ordinal of the connection on which the last frame came. */
  #heardOn = 0
  #early: { readonly message: Uint8Array; readonly frameBytes: number }[] = []
  #earlyBytes = 0
  #isCongested = false

  constructor(context: WebSocketContext, peer: NodeId) {
    this.#context = context
    this.peer = peer
  }

  /** Whether there is a connection. */
  get isOpen(): boolean {
    return this.#current !== undefined
  }

  /** A connection has opened. Those of an earlier life of the peer lead nowhere. */
  opened(connection: Connection): void {
    this.#open.add(connection)
    this.#current ??= connection
    for (const other of [...this.#open]) {
      if (other.incarnation !== connection.incarnation)
        other.end('superseded', `'${this.peer}' has restarted`)
    }
    const early = this.#early
    this.#forgetEarly()
    for (const { message, frameBytes } of early) this.send(message, frameBytes)
  }

  /** A connection has ended. Whether it was the last one. */
  ended(connection: Connection): boolean {
    this.#open.delete(connection)
    if (this.#current === connection) [this.#current] = this.#open
    return this.#open.size === 0
  }

  /** Sends; false when there is no connection, or too much waits. */
  send(message: Uint8Array, frameBytes: number): boolean {
    const connection = this.#current
    if (connection === undefined || frameBytes > connection.maxFrameBytes) return false
    return this.#hasRoom(connection.queuedBytes, message.byteLength) && connection.send(message)
  }

  /** Keeps a message for the connection that is being made; false when too much waits. */
  keep(message: Uint8Array, frameBytes: number): boolean {
    if (this.#earlyBytes + message.byteLength > MAX_EARLY_BYTES) return false
    this.#early.push({ message, frameBytes })
    this.#earlyBytes += message.byteLength
    return true
  }

  /** No connection came about. */
  forgetEarly(): void {
    this.#forgetEarly()
  }

  /** Whether a frame on `connection` is to be taken: one that comes on an older connection than the last one is out of order. */
  takes(connection: Connection): boolean {
    if (connection.ordinal < this.#heardOn) return false
    this.#heardOn = connection.ordinal
    return true
  }

  /** Looks after each connection. */
  sweep(nowMs: number): void {
    for (const connection of this.#open) connection.sweep(nowMs)
  }

  /** Says goodbye on all of them. Resolves when they are gone. */
  async close(reason: CloseReason): Promise<void> {
    this.#forgetEarly()
    const gone = [...this.#open].map((connection) => connection.gone)
    for (const connection of this.#open) connection.finish(reason)
    await Promise.all(gone)
  }

  #hasRoom(queued: number, bytes: number): boolean {
    const { maxQueueBytes } = this.#context.options
    if (queued + bytes <= maxQueueBytes) {
      // Said anew only after a real recovery, not each time that one frame more fits.
      if (queued <= maxQueueBytes / 2) this.#isCongested = false
      return true
    }
    if (!this.#isCongested)
      this.#context.report('congested', 'warn', { peer: this.peer, queuedBytes: queued, maxQueueBytes })
    this.#isCongested = true
    return false
  }

  #forgetEarly(): void {
    this.#early = []
    this.#earlyBytes = 0
  }
}
