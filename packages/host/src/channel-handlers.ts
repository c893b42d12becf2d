/// <reference lib="esnext.disposable" preserve="true" />
import type { Channel } from './core/identity.ts'
import { invalidHostOption, requireName } from './core/validate.ts'
import type { FrameHandler } from './transport.ts'

/** Who receives which channel. */
export class ChannelHandlers {
  readonly #handlers = new Map<Channel, FrameHandler>()

  /** As in `Transport.receive`. */
  add(channel: Channel, handler: FrameHandler): Disposable {
    requireName(invalidHostOption, 'channel', channel)
    if (this.#handlers.has(channel)) throw invalidHostOption(`channel '${channel}' already has a handler`)
    // A function of its own for each call: disposing twice must not remove a later registration of the same handler.
    const registered: FrameHandler = (from, frame, path) => handler(from, frame, path)
    this.#handlers.set(channel, registered)
    return {
      [Symbol.dispose]: () => {
        if (this.#handlers.get(channel) === registered) this.#handlers.delete(channel)
      },
    }
  }

  /** Who receives `channel`; `undefined` when nobody does. */
  get(channel: Channel): FrameHandler | undefined {
    return this.#handlers.get(channel)
  }

  /** Nobody receives anything any more. */
  clear(): void {
    this.#handlers.clear()
  }
}
