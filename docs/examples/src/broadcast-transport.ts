// #region transport
import { ColonyError, type FrameHandler, type Transport } from '@colony/host'

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
  #self = ''

  constructor(name: string) {
    this.#medium = new BroadcastChannel(name)
  }

  async open(self: string): Promise<void> {
    this.#self = self
    this.#medium.onmessage = (event: { data: unknown }) => {
      const { from, to, channel, frame } = event.data as Envelope
      if (to === self) this.#handlers.get(channel)?.(from, frame)
    }
  }

  send(to: string, channel: string, frame: Uint8Array): boolean {
    if (this.#self === '' || to === this.#self || frame.length > this.capabilities.maxFrameBytes) return false
    this.#medium.postMessage({ from: this.#self, to, channel, frame } satisfies Envelope)
    return true
  }

  receive(channel: string, handler: FrameHandler): Disposable {
    if (this.#handlers.has(channel)) throw new ColonyError('HOST_INVALID_OPTION', `${channel} is taken`)
    this.#handlers.set(channel, handler)
    return { [Symbol.dispose]: () => void this.#handlers.delete(channel) }
  }

  async close(): Promise<void> {
    this.#self = ''
    this.#medium.close()
  }
}
// #endregion transport
