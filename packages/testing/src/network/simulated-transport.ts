/// <reference lib="esnext.disposable" preserve="true" />
import type {
  Address,
  Channel,
  FrameHandler,
  FramePath,
  NodeId,
  Transport,
  TransportCapabilities,
} from '@colony/host'
import { ColonyError, type Fail, requireName } from '@colony/host'
import type { EventOwner } from '../world/event-queue.ts'

const invalidOption: Fail = (message) => new ColonyError('HOST_INVALID_OPTION', message)

/** A frame as a transport hands it over. */
export interface Parcel {
  readonly to: NodeId
  readonly channel: Channel
  readonly bytes: Uint8Array
  readonly path: FramePath
}

/** Where a transport's frames go. */
export interface FrameSink {
  /** Takes a frame from a living node; `false` when it is dropped at once. */
  send(from: EventOwner, parcel: Parcel, maxBytes: number): boolean
}

/** What a transport needs to know about its world. */
export interface TransportSurroundings {
  /** Carries the frames. */
  readonly network: FrameSink
  /** The incarnation that sends and receives through it. */
  readonly owner: EventOwner
  /** Largest frame in bytes. */
  readonly maxFrameBytes: number
  /** Told what a handler threw. */
  readonly onHandlerError: (error: unknown, channel: Channel, from: NodeId) => void
}

/** The transport of one incarnation of a node, over the simulated network. Dead with it: a dead one sends and hears nothing. */
export class SimulatedTransport implements Transport {
  readonly capabilities: TransportCapabilities
  /** The incarnation that it belongs to. */
  readonly owner: EventOwner
  readonly #surroundings: TransportSurroundings
  readonly #handlers = new Map<Channel, FrameHandler>()
  #state: 'new' | 'open' | 'closed' = 'new'

  constructor(surroundings: TransportSurroundings) {
    this.#surroundings = surroundings
    this.owner = surroundings.owner
    this.capabilities = { ordered: false, reliable: false, maxFrameBytes: surroundings.maxFrameBytes }
  }

  open(self: NodeId): Promise<void> {
    if (self !== this.owner.id) {
      return Promise.reject(
        new ColonyError(
          'HOST_LISTEN_FAILED',
          `the host of simulated node '${this.owner.id}' cannot be opened as '${self}'`,
        ),
      )
    }
    if (this.#state === 'closed')
      return Promise.reject(new ColonyError('HOST_CLOSED', 'this transport was closed'))
    this.#state = 'open'
    return Promise.resolve()
  }

  /** The node's id: there is no other address here. */
  get localAddress(): Address | undefined {
    return this.#state === 'open' ? this.owner.id : undefined
  }

  send(to: NodeId, channel: Channel, frame: Uint8Array): boolean {
    return this.#hand({ to, channel, bytes: frame, path: 'datagram' })
  }

  contact(address: Address, channel: Channel, frame: Uint8Array): boolean {
    return this.#hand({ to: address, channel, bytes: frame, path: 'datagram' })
  }

  stream(to: NodeId, channel: Channel, frame: Uint8Array): boolean {
    return this.#hand({ to, channel, bytes: frame, path: 'stream' })
  }

  #hand(parcel: Parcel): boolean {
    if (this.#state !== 'open' || !this.owner.alive || parcel.to === this.owner.id) return false
    return this.#surroundings.network.send(this.owner, parcel, this.capabilities.maxFrameBytes)
  }

  receive(channel: Channel, handler: FrameHandler): Disposable {
    requireName(invalidOption, 'channel', channel)
    if (this.#handlers.has(channel)) throw invalidOption(`channel '${channel}' has a handler already`)
    // A function of its own for each call: disposing twice must not remove a later registration of the same handler.
    const registered: FrameHandler = (from, frame, path) => handler(from, frame, path)
    this.#handlers.set(channel, registered)
    return {
      [Symbol.dispose]: () =>
        void (this.#handlers.get(channel) === registered && this.#handlers.delete(channel)),
    }
  }

  close(): Promise<void> {
    this.#state = 'closed'
    return Promise.resolve()
  }

  /** Whether a frame on this channel has a receiver. */
  hears(channel: Channel): boolean {
    return this.#state === 'open' && this.#handlers.has(channel)
  }

  /** Gives a frame to the channel's handler, if there is one. */
  deliver(from: NodeId, channel: Channel, frame: Uint8Array, path: FramePath): void {
    const handler = this.#state === 'open' ? this.#handlers.get(channel) : undefined
    try {
      handler?.(from, frame, path)
    } catch (error) {
      this.#surroundings.onHandlerError(error, channel, from)
    }
  }
}
