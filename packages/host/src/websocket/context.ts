/// <reference lib="esnext.disposable" preserve="true" />
import type { Hello } from '../core/hello.ts'
import type { Channel, NodeId } from '../core/identity.ts'
import type { RefusalReason } from '../core/refusal.ts'
import { invalidHostOption, requireName } from '../core/validate.ts'
import { type ObservedLevel, observe } from '../observer.ts'
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
  readonly #handlers = new Map<Channel, FrameHandler>()
  readonly #peerClosed = new Set<PeerClosedHandler>()

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
    requireName(invalidHostOption, 'channel', channel)
    if (this.#handlers.has(channel)) throw invalidHostOption(`channel '${channel}' already has a handler`)
    // A function of its own for each call: disposing twice must not remove a later registration of the same handler.
    const registered: FrameHandler = (from, frame) => handler(from, frame)
    this.#handlers.set(channel, registered)
    return {
      [Symbol.dispose]: () => {
        if (this.#handlers.get(channel) === registered) this.#handlers.delete(channel)
      },
    }
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
    const registered: PeerClosedHandler = (peer) => handler(peer)
    this.#peerClosed.add(registered)
    return { [Symbol.dispose]: () => void this.#peerClosed.delete(registered) }
  }

  /** The peer has ended a connection. */
  peerClosed(peer: NodeId): void {
    for (const handler of this.#peerClosed) {
      try {
        handler(peer)
      } catch (error) {
        this.report('handler-failed', 'error', { peer, error: String(error) })
      }
    }
  }

  /** Tells the observer. */
  report(type: string, level: ObservedLevel, fields: Readonly<Record<string, unknown>>): void {
    if (this.options.observer === undefined) return
    observe(this.options.observer, { type: `transport.${type}`, level, node: this.self, ...fields })
  }

  /** Calls `task` after `delayMs`, and only after what had arrived by then was read. */
  deadline(delayMs: number, task: () => void): Disposable {
    const { clock } = this.options
    let disposed = false
    const timer = clock.after(delayMs, () => {
      clock.afterInput(() => {
        if (!disposed) task()
      })
    })
    return {
      [Symbol.dispose]: () => {
        disposed = true
        timer[Symbol.dispose]()
      },
    }
  }
}
