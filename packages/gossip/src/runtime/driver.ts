/// <reference lib="esnext.disposable" preserve="true" />
import type { Host, NodeId } from '@colony/host'
import type { CoreEvent } from '../core/core-event.ts'
import type { CoreInput, CoreOutputs } from '../core/input.ts'
import type { DrivenCore } from './driven-core.ts'
import type { FrameChannel } from './frame-channel.ts'
import { LoopLag } from './loop-lag.ts'
import { WakeTimer } from './wake-timer.ts'

/** What a driver tells. */
export interface DriverListener {
  /** Something is about to be told: what was remembered of it is old. Called within the step. */
  changed(event: CoreEvent): void
  /** Something happened. Called between steps, in order, one at a time; may feed the driver. Must not throw. */
  event(event: CoreEvent): void
  /** All that happened was told. */
  settled(): void
  /** The core threw: a bug. The driver has stopped. */
  failed(cause: unknown): void
}

type Refused = CoreOutputs['refused']

/**
 * Drives one core: feeds it packets, time and what users say, and carries out what it asks.
 *
 * Every input is one step, taken at once: a packet is answered while it is in the processor's cache. Users hear of events between steps, so that what they do then is a step of its own.
 */
export class Driver {
  readonly lag: LoopLag = new LoopLag()
  readonly #host: Host
  readonly #self: NodeId
  readonly #core: DrivenCore
  readonly #frames: FrameChannel
  readonly #listener: DriverListener
  readonly #timer: WakeTimer
  /** What was fed during a step, by a hook of the user's. */
  readonly #fed: CoreInput[] = []
  #events: CoreEvent[] = []
  #stepping = false
  #telling = false
  #stopped = false

  constructor(core: DrivenCore, host: Host, self: NodeId, frames: FrameChannel, listener: DriverListener) {
    this.#core = core
    this.#host = host
    this.#self = self
    this.#frames = frames
    this.#listener = listener
    this.#timer = new WakeTimer(host.clock, {
      late: (ms) => this.#late(ms),
      due: () => void this.feed({ type: 'tick' }),
    })
  }

  /** Begins to receive and to keep time. */
  start(): Disposable {
    const receiving = this.#frames.receive((from, bytes, path) => {
      this.feed({ type: 'packet', from, bytes, path })
    })
    const hints = this.#host.transport.onPeerClosed?.((peer) => this.feed({ type: 'peer-closed', peer }))
    // The first step says when the core wants to be woken.
    this.feed({ type: 'tick' })
    return {
      [Symbol.dispose]: () => {
        receiving[Symbol.dispose]()
        hints?.[Symbol.dispose]()
      },
    }
  }

  /** Feeds the core no more. */
  stop(): void {
    this.#stopped = true
    this.#timer.stop()
  }

  /** Whether the core is fed. */
  get running(): boolean {
    return !this.#stopped
  }

  /** Tells the core something. Why it was refused; `undefined` when it was taken, or is taken later. */
  feed(input: CoreInput): Refused {
    if (this.#stopped) return undefined
    // A hook that is asked within a step: what it says comes after that step.
    if (this.#stepping) {
      this.#fed.push(input)
      return undefined
    }
    const refused = this.#step(input)
    for (let next = this.#fed.shift(); next !== undefined; next = this.#fed.shift()) this.#step(next)
    this.#tell()
    return refused
  }

  #late(ms: number): void {
    this.lag.note(this.#host.clock.now(), ms)
    this.feed({ type: 'stalled', ms })
  }

  #step(input: CoreInput): Refused {
    this.#stepping = true
    try {
      const outputs = this.#core.step(this.#host.clock.now(), input)
      // Addresses before packets: an answer to somebody new needs to know where he is.
      for (const event of outputs.events) {
        this.#learn(event)
        this.#listener.changed(event)
      }
      for (const packet of outputs.sends) this.#frames.send(packet)
      if (outputs.events.length > 0) this.#events.push(...outputs.events)
      this.#timer.set(outputs.deadline)
      return outputs.refused
    } catch (cause) {
      this.stop()
      this.#listener.failed(cause)
      return undefined
    } finally {
      this.#stepping = false
    }
  }

  /** Keeps the address book as the members are: also of those that have failed, since they are looked for. */
  #learn(event: CoreEvent): void {
    const { addresses } = this.#host
    switch (event.type) {
      case 'join':
      case 'move':
        if (event.member.id !== this.#self) addresses.set(event.member.id, event.member.address)
        return
      case 'forget':
        // Another protocol on this host may know better by now.
        if (addresses.get(event.member.id) === event.member.address) addresses.delete(event.member.id)
        return
      default:
    }
  }

  #tell(): void {
    if (this.#telling || this.#events.length === 0) return
    this.#telling = true
    try {
      // What a listener feeds makes events of its own: they come after those that were there.
      while (this.#events.length > 0) {
        const events = this.#events
        this.#events = []
        for (const event of events) this.#listener.event(event)
        if (this.#events.length === 0) this.#listener.settled()
      }
    } finally {
      this.#telling = false
    }
  }
}
