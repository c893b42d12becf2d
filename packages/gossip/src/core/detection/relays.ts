import type { ByteReader, NodeId } from '@colony/host'
import type { Component, CoreContext, Section } from '../component.ts'
import { TAGS } from '../wire/tags.ts'
import type { Pinger } from './pinger.ts'
import { readPingRequest, writeAck, writeNack } from './probe-messages.ts'

/** Requests of others that are under way at once; more are dropped, and their senders count that against themselves. */
const MAX_RELAYS = 256

interface Relay {
  readonly prober: NodeId
  /** The number under which the prober knows it. */
  readonly sequence: number
  readonly target: NodeId
  readonly nackAt: number
}

/**
 * The helper's side of an indirect probe: pings the target, passes its answer on, and says in time when there is none, so that the prober can tell a dead target
 * from links of its own that are dead (Lifeguard, section 4.1).
 */
export class Relays implements Component, Section {
  readonly tag: number = TAGS.pingRequest
  /** Goes to one member each; gossip carries none. */
  readonly backlog = 0
  readonly #context: CoreContext
  readonly #pinger: Pinger
  /** By the number of this node's own ping. */
  readonly #relays = new Map<number, Relay>()
  /** Not above the earliest. */
  #deadline = Number.POSITIVE_INFINITY

  constructor(context: CoreContext, pinger: Pinger) {
    this.#context = context
    this.#pinger = pinger
  }

  get deadline(): number {
    return this.#deadline
  }

  write(): number {
    return 0
  }

  read(reader: ByteReader, from: NodeId): void {
    const { sequence, target, patienceMs } = readPingRequest(reader)
    if (reader.failed) {
      this.#context.drop('malformed-ping-request')
    } else if (this.#relays.size >= MAX_RELAYS) {
      this.#context.drop('too-many-ping-requests')
    } else {
      this.#relay({ prober: from, sequence, target, nackAt: this.#context.now + patienceMs })
    }
  }

  /** An answer came. Whether it was for one of these. */
  acked(sequence: number, from: NodeId): boolean {
    const relay = this.#relays.get(sequence)
    if (relay === undefined || relay.target !== from) return false
    this.#relays.delete(sequence)
    this.#context.send(relay.prober, TAGS.ack, writeAck(relay.sequence, false, true))
    return true
  }

  tick(): void {
    this.#deadline = Number.POSITIVE_INFINITY
    for (const [own, relay] of this.#relays) {
      if (relay.nackAt > this.#context.now) {
        this.#deadline = Math.min(this.#deadline, relay.nackAt)
        continue
      }
      this.#relays.delete(own)
      this.#nack(relay)
    }
  }

  #relay(relay: Relay): void {
    const index = this.#pinger.indexOf(relay.target)
    if (index < 0) {
      this.#nack(relay)
      return
    }
    const own = this.#pinger.next()
    this.#relays.set(own, relay)
    this.#deadline = Math.min(this.#deadline, relay.nackAt)
    this.#pinger.ping(index, own, 'datagram')
  }

  #nack({ prober, sequence }: Relay): void {
    this.#context.send(prober, TAGS.nack, writeNack(sequence))
  }
}
