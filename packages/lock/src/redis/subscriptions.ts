/// <reference lib="esnext.disposable" preserve="true" />

/** A connection that listens. */
export interface Subscriber {
  subscribe(channel: string): Promise<unknown>
  unsubscribe(channel: string): Promise<unknown>
  end(): void
}

/** Who is told of a message. */
export type Hear = (channel: string, message: string) => void

type Listener = (message: string) => void

/** A channel with listeners: one subscription for all of them. */
interface Channel {
  readonly listeners: Set<Listener>
  readonly subscribed: Promise<unknown>
}

/** Who listens to which channel. The connection for it is opened when the first one does, and not before. */
export class Subscriptions {
  readonly #open: (hear: Hear) => Promise<Subscriber>
  readonly #channels = new Map<string, Channel>()
  #subscriber: Promise<Subscriber> | undefined
  #closed = false

  constructor(open: (hear: Hear) => Promise<Subscriber>) {
    this.#open = open
  }

  async listen(name: string, listener: Listener): Promise<Disposable> {
    if (this.#closed) throw new Error('closed')
    let channel = this.#channels.get(name)
    if (channel === undefined) {
      channel = { listeners: new Set(), subscribed: this.#subscribe(name) }
      this.#channels.set(name, channel)
    }
    channel.listeners.add(listener)
    try {
      await channel.subscribed
    } catch (error) {
      this.#stop(name, listener)
      throw error
    }
    return { [Symbol.dispose]: () => this.#stop(name, listener) }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#channels.clear()
    const subscriber = await this.#subscriber?.catch(ignore)
    subscriber?.end()
  }

  readonly #hear: Hear = (name, message) => {
    for (const listener of this.#channels.get(name)?.listeners ?? []) listener(message)
  }

  async #subscribe(name: string): Promise<void> {
    const subscriber = await this.#connected()
    await subscriber.subscribe(name)
  }

  #stop(name: string, listener: Listener): void {
    const channel = this.#channels.get(name)
    if (channel?.listeners.delete(listener) !== true || channel.listeners.size > 0) return
    this.#channels.delete(name)
    // A connection that has ended listens to nothing anyway.
    void this.#subscriber?.then((subscriber) => subscriber.unsubscribe(name)).catch(ignore)
  }

  #connected(): Promise<Subscriber> {
    if (this.#subscriber === undefined) {
      const opening = this.#open(this.#hear)
      this.#subscriber = opening
      // One that could not be opened is tried again by whoever listens next.
      opening.catch(() => {
        if (this.#subscriber === opening) this.#subscriber = undefined
      })
    }
    return this.#subscriber
  }
}

/** For what may fail without harm. */
export function ignore(): void {}
