/// <reference lib="esnext.disposable" preserve="true" />
import { ChannelHandlers } from '../channel-handlers.ts'
import { ColonyError } from '../core/error.ts'
import type { Address, Channel, NodeId } from '../core/identity.ts'
import { invalidHostOption, requireName } from '../core/validate.ts'
import { type Observer, observe } from '../observer.ts'
import type { FrameHandler, Transport, TransportCapabilities } from '../transport.ts'
import type { MemoryEndpoint, MemoryLinks } from './memory-links.ts'

/** Checked options of one transport. */
export interface MemoryLimits {
  readonly clusterId: string
  readonly maxFrameBytes: number
  readonly inboxFrames: number
  readonly inboxBytes: number
  readonly observer: Observer | undefined
}

/** One node's end of a {@link MemoryLinks}. */
export class MemoryTransport implements Transport {
  readonly capabilities: TransportCapabilities
  readonly #links: MemoryLinks
  readonly #limits: MemoryLimits
  readonly #handlers = new ChannelHandlers()
  #endpoint: MemoryEndpoint | undefined
  #closed = false
  // What waits for this node. 0 <= waitingFrames <= inboxFrames
  #waitingFrames = 0
  #waitingBytes = 0

  constructor(links: MemoryLinks, limits: MemoryLimits) {
    this.#links = links
    this.#limits = limits
    this.capabilities = { ordered: true, reliable: true, maxFrameBytes: limits.maxFrameBytes }
  }

  /** The node's id: there is no other address here. */
  get localAddress(): Address | undefined {
    return this.#endpoint?.id
  }

  async open(self: NodeId): Promise<void> {
    requireName(invalidHostOption, 'self', self)
    if (this.#closed) throw new ColonyError('HOST_CLOSED', 'the transport was closed: make a new one')
    if (this.#endpoint !== undefined) {
      throw new ColonyError('HOST_LISTEN_FAILED', `the transport is open already, as '${this.#endpoint.id}'`)
    }
    const endpoint: MemoryEndpoint = {
      id: self,
      clusterId: this.#limits.clusterId,
      admit: (bytes) => this.#admit(bytes),
      deliver: (from, channel, frame, lost) => this.#deliver(from, channel, frame, lost),
    }
    if (!this.#links.join(endpoint)) {
      throw new ColonyError(
        'HOST_ADDRESS_IN_USE',
        `there is a node '${self}' on this memory network: close it first`,
      )
    }
    this.#endpoint = endpoint
  }

  send(to: NodeId, channel: Channel, frame: Uint8Array): boolean {
    const endpoint = this.#endpoint
    if (endpoint === undefined || to === endpoint.id) return false
    if (frame.byteLength > this.#limits.maxFrameBytes) return false
    return this.#links.send(endpoint, to, channel, frame)
  }

  contact(address: Address, channel: Channel, frame: Uint8Array): boolean {
    return this.send(address, channel, frame)
  }

  receive(channel: Channel, handler: FrameHandler): Disposable {
    return this.#handlers.add(channel, handler)
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#endpoint !== undefined) this.#links.leave(this.#endpoint)
    this.#endpoint = undefined
    this.#handlers.clear()
  }

  #admit(bytes: number): boolean {
    const { inboxFrames, inboxBytes } = this.#limits
    if (this.#waitingFrames >= inboxFrames) return false
    // An empty inbox takes any frame: one larger than the inbox would otherwise never get through.
    if (this.#waitingFrames > 0 && this.#waitingBytes + bytes > inboxBytes) return false
    this.#waitingFrames++
    this.#waitingBytes += bytes
    return true
  }

  #deliver(from: NodeId, channel: Channel, frame: Uint8Array, lost: boolean): void {
    this.#waitingFrames--
    this.#waitingBytes -= frame.byteLength
    const handler = this.#handlers.get(channel)
    if (lost || this.#closed || handler === undefined) return
    try {
      handler(from, frame)
    } catch (error) {
      observe(this.#limits.observer, {
        type: 'transport.handler-failed',
        level: 'error',
        ...(this.#endpoint !== undefined && { node: this.#endpoint.id }),
        from,
        channel,
        error,
      })
    }
  }
}
