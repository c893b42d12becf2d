/// <reference lib="esnext.disposable" preserve="true" />
import { ChannelHandlers } from '../channel-handlers.ts'
import type { Hello } from '../core/hello.ts'
import type { Channel, NodeId } from '../core/identity.ts'
import type { RefusalReason } from '../core/refusal.ts'
import { inputDeadline } from '../input-deadline.ts'
import { type ObservedLevel, observe } from '../observer.ts'
import { PeerClosedHandlers } from '../peer-closed-handlers.ts'
import type { FrameHandler, PeerClosedHandler } from '../transport.ts'
import { ChannelNames } from './frame-message.ts'
import type { ResolvedWebSocketOptions } from './options.ts'

/** What the parts of one transport share. */
export class WebSocketContext {
  readonly options: ResolvedWebSocketOptions
  readonly names: ChannelNames = new ChannelNames()
  /** This node, once the transport is open; until then no connection exists. */
  self: NodeId = ''
  readonly #incarnation: string
  readonly #handlers = new ChannelHandlers()
  readonly #peerClosed = new PeerClosedHandlers((peer, error) => {
    this.report('handler-failed', 'error', { peer, error: String(error) })
  })

  constructor(options: ResolvedWebSocketOptions) {
    this.options = options
    const half = (): string => options.random.integer(0, 0xffff_ffff).toString(16).padStart(8, '0')
    this.#incarnation = half() + half()
  }

  /** This node's introduction, with its verdict on the other side. */
  hello(refusal?: RefusalReason): Hello {
    const { clusterId, maxFrameBytes } = this.options
    return { clusterId, nodeId: this.self, incarnation: this.#incarnation, maxFrameBytes, refusal }
  }

  /** As in `Transport.receive`. */
  receive(channel: Channel, handler: FrameHandler): Disposable {
    return this.#handlers.add(channel, handler)
  }

  /** Hands a frame to its channel. */
  deliver(peer: NodeId, channel: Channel, frame: Uint8Array): void {
    const handler = this.#handlers.get(channel)
    if (handler === undefined) return
    try {
      handler(peer, frame)
    } catch (error) {
      this.report('handler-failed', 'error', { channel, peer, error: String(error) })
    }
  }

  /** As in `Transport.onPeerClosed`. */
  onPeerClosed(handler: PeerClosedHandler): Disposable {
    return this.#peerClosed.add(handler)
  }

  /** The peer has ended a connection. */
  peerClosed(peer: NodeId): void {
    this.#peerClosed.tell(peer)
  }

  /** Tells the observer. */
  report(type: string, level: ObservedLevel, fields: Readonly<Record<string, unknown>>): void {
    if (this.options.observer === undefined) return
    observe(this.options.observer, { type: `transport.${type}`, level, node: this.self, ...fields })
  }

  /** Calls `task` after `delayMs`, once the inbox was read. */
  deadline(delayMs: number, task: () => void): Disposable {
    return inputDeadline(this.options.clock, delayMs, task)
  }
}
