// #region transport
import {
  ColonyError,
  type FrameHandler,
  observe,
  type Observer,
  requireName,
  type Transport,
} from '@colony/host'

interface Envelope {
  readonly from: string
  readonly to: string
  readonly channel: string
  readonly frame: Uint8Array
}

/** Carries frames over a BroadcastChannel: between the worker threads of a process, or between the tabs of a browser. */
export class BroadcastTransport implements Transport {
  readonly capabilities = { ordered: true, reliable: true, maxFrameBytes: 1024 * 1024 }
  readonly #handlers = new Map<string, FrameHandler>()
  readonly #medium: BroadcastChannel
  readonly #observer: Observer | undefined
  #self = ''

  constructor(name: string, observer?: Observer) {
    this.#medium = new BroadcastChannel(name)
    this.#observer = observer
  }

  async open(self: string): Promise<void> {
    this.#self = self
    this.#medium.onmessage = (event: { data: unknown }) => this.#deliver(event.data as Envelope)
  }

  send(to: string, channel: string, frame: Uint8Array): boolean {
    if (this.#self === '' || to === this.#self || frame.length > this.capabilities.maxFrameBytes) return false
    this.#medium.postMessage({ from: this.#self, to, channel, frame } satisfies Envelope)
    return true
  }

  receive(channel: string, handler: FrameHandler): Disposable {
    requireName(invalid, 'channel', channel)
    if (this.#handlers.has(channel)) throw invalid(`channel '${channel}' has a handler already`)
    const registered: FrameHandler = (from, frame) => handler(from, frame)
    this.#handlers.set(channel, registered)
    return {
      [Symbol.dispose]: () => {
        if (this.#handlers.get(channel) === registered) this.#handlers.delete(channel)
      },
    }
  }

  async close(): Promise<void> {
    this.#self = ''
    this.#medium.close()
  }

  #deliver({ from, to, channel, frame }: Envelope): void {
    if (to !== this.#self) return
    try {
      this.#handlers.get(channel)?.(from, frame)
    } catch (error) {
      observe(this.#observer, {
        type: 'transport.handler-failed',
        level: 'error',
        node: to,
        from,
        channel,
        error,
      })
    }
  }
}

const invalid = (message: string): ColonyError => new ColonyError('HOST_INVALID_OPTION', message)
// #endregion transport
