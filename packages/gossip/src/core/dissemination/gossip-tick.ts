import type { NodeId, Random } from '@colony/host'
import type { Component, CoreContext } from '../component.ts'
import type { PacketComposer } from '../wire/packet-composer.ts'
import type { TokenBucket } from '../wire/token-bucket.ts'

/** What the tick needs of the rest of the core. */
export interface GossipTickParts {
  readonly composer: PacketComposer
  readonly bandwidth: TokenBucket
  /** Members that failed a short while ago, in a stable order: they are told, so that they can refute. */
  recentlyFailed(): readonly NodeId[]
  /** Hands over a finished datagram. */
  output(to: NodeId, packet: Uint8Array): void
}

/** Gossip waits until the cap lets pass at least this much: smaller packets would be heads for the most part. */
const LEAST_PACKET_BYTES = 256

/**
 * Sends news to a few members at every interval while there is any, and nothing otherwise: an idle cluster costs its probes alone. The first packet after a silence goes out
 * at once; waiting is for what comes right after it.
 */
export class GossipTick implements Component {
  readonly #context: CoreContext
  readonly #parts: GossipTickParts
  readonly #random: Random
  #next: number

  constructor(context: CoreContext, parts: GossipTickParts) {
    this.#context = context
    this.#parts = parts
    this.#random = context.random.fork('gossip-tick')
    this.#next = context.now
  }

  get deadline(): number {
    if (this.#context.members.size < 2 && this.#parts.recentlyFailed().length === 0) return Infinity
    if (this.#parts.composer.backlog === 0) return Infinity
    return Math.max(this.#next, this.#parts.bandwidth.readyAt(LEAST_PACKET_BYTES))
  }

  tick(): void {
    const { members, timing, now } = this.#context
    this.#next = now + timing.gossipIntervalMs
    for (const peer of members.pick(timing.gossipFanout)) if (!this.#send(peer)) return
    const failed = this.#pickFailed(timing.gossipFanout)
    if (failed !== undefined) this.#send(failed)
  }

  /** Whether there may be something for the next one too. */
  #send(peer: NodeId): boolean {
    const packet = this.#parts.composer.gossip(peer)
    if (packet === undefined) return false
    this.#parts.output(peer, packet)
    return true
  }

  /** One that failed, as often as if it were one of those picked from: its part in all who may be told. */
  #pickFailed(fanout: number): NodeId | undefined {
    const failed = this.#parts.recentlyFailed()
    if (failed.length === 0) return undefined
    const chance = (fanout * failed.length) / (this.#context.members.size + failed.length)
    if (this.#random.float() >= chance) return undefined
    return failed[this.#random.integer(0, failed.length - 1)]
  }
}
