/// <reference lib="esnext.disposable" preserve="true" />
import type { Address, Channel, NodeId } from './core/identity.ts'

/**
 * What a transport promises, as data: protocols adapt to it and conformance suites are gated by it.
 * @category Seams
 */
export interface TransportCapabilities {
  /** Frames from one sender on one channel arrive in the order in which they were sent (some may be missing). */
  readonly ordered: boolean
  /** No frame that `send` accepted is lost while both ends and the link between them stay up. */
  readonly reliable: boolean
  /** Largest frame that `send` accepts, in bytes. */
  readonly maxFrameBytes: number
  /**
   * Frames of up to this many bytes travel as one datagram each, larger ones over a connection. Absent where all frames travel alike.
   */
  readonly datagramBytes?: number
}

/**
 * How a frame came, where a transport has two ways: alone in a datagram, or over a connection.
 * @category Seams
 */
export type FramePath = 'datagram' | 'stream'

/**
 * Receives one frame. The receiver may keep the bytes and views of them, but must not change them: other receivers may share them.
 * `from` is the sender's id as the transport vouches for it (with mutual TLS it is proved by a certificate).
 * `path` says how the frame came, and is absent where all frames travel alike.
 * @category Seams
 */
export type FrameHandler = (from: NodeId, frame: Uint8Array, path?: FramePath) => void

/**
 * Is told that a connection with `peer` was ended from the other side, or by the system on its behalf.
 * @category Seams
 */
export type PeerClosedHandler = (peer: NodeId) => void

/**
 * Carries frames between nodes, addressed by identity: unreliable, unordered datagrams are enough for every protocol here,
 * so a custom transport is about 70 lines. Many channels share one transport, and so one port, one handshake, one set of keys.
 *
 * Frames may be lost, duplicated, delayed and reordered, but never altered and never delivered on another channel.
 * @category Seams
 */
export interface Transport {
  /** What this transport promises; constant. */
  readonly capabilities: TransportCapabilities

  /** Optional: where other nodes reach this one, from the end of `open` on; `undefined` before. */
  readonly localAddress?: Address | undefined

  /**
   * Starts to listen as node `self`. Called once, or again after it was rejected, before any frame is sent; `receive` may be called before it.
   * @throws A {@link ColonyError}, with code `HOST_ADDRESS_IN_USE` or `HOST_LISTEN_FAILED`, when listening is impossible.
   */
  open(self: NodeId): Promise<void>

  /**
   * Hands a frame over for delivery. From this call on the bytes must not be changed; the same array may be sent to many peers.
   * Sending to oneself is not supported and returns `false`.
   * @returns `false` when the frame was dropped at once: unknown address, no connection, congested, too large, closed. Never throws.
   */
  send(to: NodeId, channel: Channel, frame: Uint8Array): boolean

  /**
   * Optional, for transports with addresses: hands a frame to whoever listens at `address`, whose id need not be known: a seed. Everything else is as with `send`,
   * and `true` promises as little. An answer needs the sender's address in the address book of the node that answers, so say it in the frame.
   */
  contact?(address: Address, channel: Channel, frame: Uint8Array): boolean

  /**
   * Optional, for transports that send datagrams: as `send`, but over a connection, whatever the frame's size. No frame that it accepted is lost while both ends
   * and the link between them stay up.
   */
  stream?(to: NodeId, channel: Channel, frame: Uint8Array): boolean

  /**
   * Delivers the frames of one channel to `handler`; frames of a channel without a handler are dropped.
   * Dispose of the result to stop. A handler that throws is reported to the observer; the transport goes on.
   * @throws A {@link ColonyError} with code `HOST_INVALID_OPTION` when the channel already has a handler or its name is too long.
   */
  receive(channel: Channel, handler: FrameHandler): Disposable

  /**
   * Optional, for transports with connections: calls `handler` soon after a connection with a peer was ended by the peer (its process died, or closes) or
   * failed, however many connections the two have. A hint that saves waiting for a timeout and proves nothing: the peer may live, and one that
   * dies may leave no trace. Dispose of the result to stop. A handler that throws is reported to the observer; the transport goes on.
   */
  onPeerClosed?(handler: PeerClosedHandler): Disposable

  /** Stops listening, flushes what was accepted for a bounded time, closes every connection. Idempotent. */
  close(): Promise<void>
}
