/// <reference lib="esnext.disposable" preserve="true" />
import {
  observe,
  type FrameHandler,
  type Host,
  type NodeId,
  type PeerClosedHandler,
  type Transport,
  type TransportCapabilities,
} from '@colony/host'
import { decodeGroupsFrame, GROUPS_CHANNEL, GROUPS_FRAME_OVERHEAD } from './groups-frame.ts'
import { Doubts, type Watcher } from './doubts.ts'
import { Outbox } from './outbox.ts'
import { PeerWatch, type PeerWatchOptions } from './peer-watch.ts'
import type { NodeEvent, SharedNode } from './shared-node.ts'

/** What all groups of a node share: one channel on the transport, and one watch over the other nodes. */
export class NodeTransport implements SharedNode {
  readonly quietAfterMs: number
  readonly outbox: Outbox
  readonly #host: Host
  readonly #id: NodeId
  readonly #watch: PeerWatch
  readonly #signs: { readonly life: number; era: number }
  readonly #handlers = new Map<string, FrameHandler>()
  readonly #watchers = new Set<Watcher>()
  readonly #doubts: Doubts
  readonly #receiving: readonly (Disposable | undefined)[]
  /** Frames and messages that came, and what was dropped of them. */
  readonly received: { frames: number; messages: number; malformed: number; unknownGroup: number } = {
    frames: 0,
    messages: 0,
    malformed: 0,
    unknownGroup: 0,
  }

  constructor(host: Host, id: NodeId, quietAfterMs: number, options: PeerWatchOptions) {
    this.#host = host
    this.#id = id
    this.quietAfterMs = quietAfterMs
    this.#signs = { life: host.random.integer(1, 0xffffffff), era: 0 }
    this.#doubts = new Doubts(host.clock, options.intervalMs, this.#watchers)
    this.#watch = new PeerWatch(
      host.clock,
      options,
      (event) => this.#tell(event),
      (to) => {
        if (this.#handlers.size > 0) this.outbox.send(to, [])
      },
    )
    this.outbox = new Outbox(host.transport, this.#signs, (to) => this.#watch.spoken(to))
    this.#receiving = [
      host.transport.receive(GROUPS_CHANNEL, (from, frame) => this.#receive(from, frame)),
      host.transport.onPeerClosed?.((peer) => this.#tell({ type: 'closed', peer })),
    ]
  }

  watch(tell: Watcher): Disposable {
    this.#watchers.add(tell)
    return { [Symbol.dispose]: () => void this.#watchers.delete(tell) }
  }

  followersLeft(): void {
    this.#signs.era++
  }

  /** One group's transport: its frames travel with those of the others. */
  transportOf(group: string): Transport {
    const { capabilities } = this.#host.transport
    return new GroupTransport(group, this.outbox, this.#handlers, {
      ...capabilities,
      maxFrameBytes: capabilities.maxFrameBytes - GROUPS_FRAME_OVERHEAD,
    })
  }

  /** Sends what waits, and receives nothing more. */
  close(): void {
    this.outbox.flush()
    this.#watch.stop()
    this.#doubts.stop()
    for (const receiving of this.#receiving) receiving?.[Symbol.dispose]()
  }

  #tell(event: NodeEvent): void {
    if (event.type === 'doubtful') this.#doubts.raise(event.peer)
    else for (const tell of this.#watchers) tell(event)
  }

  #receive(from: NodeId, bytes: Uint8Array): void {
    const decoded = decodeGroupsFrame(bytes)
    this.received.frames++
    if (!decoded.ok) return this.#onMalformed(from, decoded.error.message)
    const { life, era, messages } = decoded.value
    if (!this.#watch.heard(from, life, era)) return
    this.received.messages += messages.length
    for (const { group, frame } of messages) {
      const handler = this.#handlers.get(group)
      if (handler === undefined) this.received.unknownGroup++
      else handler(from, frame)
    }
  }

  #onMalformed(from: NodeId, reason: string): void {
    const count = ++this.received.malformed
    observe(this.#host.observer, {
      type: 'raft.frame-malformed',
      level: 'warn',
      node: this.#id,
      channel: GROUPS_CHANNEL,
      from,
      reason,
      count,
    })
  }
}

/** The transport that one group sees. Opened and closed by the node. */
class GroupTransport implements Transport {
  readonly capabilities: TransportCapabilities
  readonly #group: string
  readonly #outbox: Outbox
  readonly #handlers: Map<string, FrameHandler>

  constructor(
    group: string,
    outbox: Outbox,
    handlers: Map<string, FrameHandler>,
    capabilities: TransportCapabilities,
  ) {
    this.#group = group
    this.#outbox = outbox
    this.#handlers = handlers
    this.capabilities = capabilities
  }

  async open(): Promise<void> {}

  send(to: NodeId, _channel: string, frame: Uint8Array): boolean {
    return this.#outbox.add(to, this.#group, frame)
  }

  receive(_channel: string, handler: FrameHandler): Disposable {
    this.#handlers.set(this.#group, handler)
    return { [Symbol.dispose]: () => void this.#handlers.delete(this.#group) }
  }

  /** The node is told, and tells its groups in another way. */
  declare readonly onPeerClosed?: (handler: PeerClosedHandler) => Disposable

  async close(): Promise<void> {}
}
