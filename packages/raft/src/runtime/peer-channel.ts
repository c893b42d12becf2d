/// <reference lib="esnext.disposable" preserve="true" />
import { observe, type Host, type NodeId } from '@colony/host'
import type { Message } from '../core/message.ts'
import { decodeFrame, encodeDriverMessage, encodeMessage, type DriverMessage } from './wire.ts'

const NO_BYTES = new Uint8Array(0)

/** Receives what a peer said. */
export type PeerHandler = (from: NodeId, message: Message | DriverMessage) => void

/** One group's channel on the host's transport: messages in and out, whatever arrives. */
export class PeerChannel {
  /** Its name on the transport. */
  readonly name: string
  readonly #host: Host
  readonly #self: NodeId
  #malformed = 0

  constructor(host: Host, group: string, self: NodeId) {
    this.name = `raft:${group}`
    this.#host = host
    this.#self = self
  }

  /** How many frames could not be decoded. */
  get malformed(): number {
    return this.#malformed
  }

  /** Hands on every message that can be decoded; the rest is counted, reported and dropped. */
  receive(handler: PeerHandler): Disposable {
    return this.#host.transport.receive(this.name, (from, frame) => {
      const decoded = decodeFrame(frame, from, this.#self)
      if (decoded.ok) handler(from, decoded.value)
      else this.#report(from, decoded.error.message)
    })
  }

  /** Sends what a core says. A dropped message is the network's ordinary weather: the core repairs it, so the result does not matter. */
  sendAll(messages: readonly Message[]): void {
    if (messages.length === 0) return
    const written = { entries: [], bytes: NO_BYTES }
    for (const message of messages) {
      this.#host.transport.send(message.to, this.name, encodeMessage(message, written))
    }
  }

  /** Sends what a driver says; false when it was dropped at once. */
  send(to: NodeId, message: DriverMessage): boolean {
    return this.#host.transport.send(to, this.name, encodeDriverMessage(message))
  }

  #report(from: NodeId, reason: string): void {
    const count = ++this.#malformed
    const type = 'raft.frame-malformed'
    observe(this.#host.observer, {
      type,
      level: 'warn',
      node: this.#self,
      channel: this.name,
      from,
      reason,
      count,
    })
  }
}
