/// <reference lib="esnext.disposable" preserve="true" />
import type { Hello } from '../core/hello.ts'
import type { Address, NodeId } from '../core/identity.ts'
import type { CloseReason, Refusal, RefusalReason } from '../core/refusal.ts'
import { inputDeadline } from '../input-deadline.ts'
import { observe, type ObservedLevel } from '../observer.ts'
import { PeerClosedHandlers } from '../peer-closed-handlers.ts'
import type { PeerClosedHandler } from '../transport.ts'
import { ChannelTable } from './channel-table.ts'
import { encodeHello } from './handshake.ts'
import type { ResolvedTcpOptions } from './options.ts'
import { createCounters, type TcpCounters } from './tcp-counters.ts'

/** Addresses that are remembered as unreachable. */
const MAX_UNREACHABLE = 256

/** Which side made a connection. */
export type Direction = 'in' | 'out'

/** What the parts of one TCP transport share. */
export class TcpContext {
  readonly options: ResolvedTcpOptions
  readonly channels: ChannelTable = new ChannelTable()
  readonly counters: TcpCounters = createCounters()
  /** This node, once the transport is open; until then no connection exists. */
  self: NodeId = ''
  readonly #incarnation: string
  readonly #unreachable = new Set<Address>()
  readonly #peerClosed = new PeerClosedHandlers((peer, error) => {
    this.counters.handlerFailures++
    this.report('handler-failed', 'error', { peer, error: String(error) })
  })

  constructor(options: ResolvedTcpOptions) {
    this.options = options
    const words = Uint32Array.from([0, 0], () => options.random.integer(0, 2 ** 32 - 1))
    this.#incarnation = Buffer.from(words.buffer).toString('hex')
  }

  /** This node's introduction, with its verdict on the other side. */
  hello(refusal?: RefusalReason): Uint8Array {
    const { clusterId, maxFrameBytes } = this.options
    return encodeHello({
      clusterId,
      nodeId: this.self,
      incarnation: this.#incarnation,
      maxFrameBytes,
      refusal,
    })
  }

  /** The refusal of a node that bears this node's own id; `undefined` for all others. */
  ownId(hello: Hello): Refusal | undefined {
    if (hello.nodeId !== this.self) return undefined
    // With the same seeds for all nodes each finds itself among them.
    if (hello.incarnation === this.#incarnation)
      return { reason: 'wrong-id', detail: 'this node has dialled itself', expected: true }
    return { reason: 'wrong-id', detail: `bears this node's own id, '${hello.nodeId}': two processes` }
  }

  /** Whether nobody had been missed at `address` so far: a seed that is down is told of once, and then only to those who trace. */
  isNewlyUnreachable(address: Address): boolean {
    if (this.#unreachable.has(address)) return false
    if (this.#unreachable.size >= MAX_UNREACHABLE) this.#unreachable.clear()
    this.#unreachable.add(address)
    return true
  }

  /** Somebody has answered at `address`. */
  reached(address: Address): void {
    this.#unreachable.delete(address)
  }

  /** Tells the observer. */
  report(type: string, level: ObservedLevel, fields: Readonly<Record<string, unknown>>): void {
    if (this.options.observer === undefined) return
    observe(this.options.observer, { type: `transport.${type}`, level, node: this.self, ...fields })
  }

  /** Calls `handler` for every peer that ends a connection, until the result is disposed of. */
  onPeerClosed(handler: PeerClosedHandler): Disposable {
    return this.#peerClosed.add(handler)
  }

  /** Counts a connection that was accepted and has ended, and tells who wants to know if it was the peer who ended it. */
  closed(peer: NodeId, reason: CloseReason): void {
    this.counters.closed[reason]++
    if (reason !== 'ended' && reason !== 'failed' && reason !== 'goodbye') return
    this.#peerClosed.tell(peer)
  }

  /** Counts a connection that was refused in the handshake, and tells the observer. */
  refused(refusal: Refusal, direction: Direction, where: Readonly<Record<string, unknown>>): void {
    this.counters.refused[refusal.reason]++
    const { reason, detail, expected } = refusal
    const level = expected === true || reason === 'hung-up' ? 'info' : 'warn'
    this.report('peer-refused', level, { reason, detail, direction, ...where })
  }

  /** Calls `task` after `delayMs`, once the inbox was read. */
  deadline(delayMs: number, task: () => void): Disposable {
    return inputDeadline(this.options.clock, delayMs, task)
  }
}
