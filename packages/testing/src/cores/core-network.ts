import type { NodeId, Random } from '@colony/host'
import { FaultyNetwork } from '../network/faulty-network.ts'
import type { LinkSettings } from '../network/link-settings.ts'
import type { Link } from '../network/link.ts'
import type { Trace } from '../trace/trace.ts'
import type { Scheduler } from '../world/scheduler.ts'
import type { InputTaker, MessageCarrier } from './core-events.ts'
import { MessageEvent } from './core-events.ts'

/** @internal What a network of messages is made of. */
export interface CoreNetworkSurroundings<Input> {
  /** Carries the messages through time. */
  readonly scheduler: Scheduler
  /** Takes in what happens to them. */
  readonly trace: Trace
  /** Parent of every link's stream. */
  readonly random: Random
  /** What every link is like at first. */
  readonly settings: LinkSettings
  /** How large a message is. */
  readonly bytesOf: ((input: Input) => number) | undefined
  /** What stands for a message in the trace's hash. */
  readonly hashOf: ((input: Input) => number) | undefined
}

/** Where a node is reached. */
interface Place<Input> {
  /** Its present life; `undefined` while it is down. */
  taker: InputTaker<Input> | undefined
}

/** @internal The way from one node to another. */
export interface Route<Input> {
  /** What is in between. */
  readonly link: Link
  /** The end. */
  readonly place: Place<Input>
}

/**
 * The network between the cores of a {@link CoreCluster}: that of a world, with the same faults, but messages are values. They are not copied: a core must
 * not change what it has sent.
 * @category Network
 */
export class CoreNetwork<Input> extends FaultyNetwork {
  readonly #surroundings: CoreNetworkSurroundings<Input>
  readonly #places = new Map<NodeId, Place<Input>>()
  readonly #carrier: MessageCarrier<Input> = {
    arrive: (message) => this.#arrive(message),
    drop: ({ link, hash }) => this.#lose('down', link, hash),
  }

  /** @internal */
  constructor(surroundings: CoreNetworkSurroundings<Input>) {
    super(surroundings.random, surroundings.settings)
    this.#surroundings = surroundings
  }

  /** @internal Makes a life the one that `id` is reached through; `undefined` while the node is down. */
  place(id: NodeId, taker: InputTaker<Input> | undefined): void {
    this.admit(id)
    const place = this.#places.get(id)
    if (place === undefined) this.#places.set(id, { taker })
    else place.taker = taker
  }

  /** @internal The way from one node to another, for {@link CoreNetwork.send}; `undefined` when there is no such node. */
  route(from: NodeId, to: NodeId): Route<Input> | undefined {
    const place = this.#places.get(to)
    return place === undefined ? undefined : { link: this.link(from, to), place }
  }

  /** @internal */
  send({ link, place: { taker } }: Route<Input>, input: Input): boolean {
    const { scheduler, trace, bytesOf, hashOf } = this.#surroundings
    const { counts } = this
    const bytes = bytesOf === undefined ? 0 : bytesOf(input)
    if (!link.takes(bytes)) {
      counts.refused += 1
      return false
    }
    const { now } = scheduler
    const hash = hashOf === undefined ? 0 : hashOf(input)
    counts.sent += 1
    counts.bytes += bytes
    trace.record(now, 'send', link.index, link.label, '', hash)
    const queued = link.transmit(now, bytes)
    const fate = link.drawFate()
    const replay = link.drawReplay(input)
    if (replay !== undefined && taker !== undefined) {
      counts.replayed += 1
      this.#carry(now + replay.delay, replay.tie, link, taker, replay.frame as Input)
    }
    if (fate.lost) this.#lose('lost', link, hash)
    else if (link.cut) this.#lose('cut', link, hash)
    else if (taker === undefined) this.#lose('down', link, hash)
    else {
      if (fate.held) counts.reordered += 1
      this.#carry(now + queued + fate.delay, fate.tie, link, taker, input)
      if (fate.copyDelay > 0) {
        counts.duplicated += 1
        this.#carry(now + queued + fate.copyDelay, fate.tie, link, taker, input)
      }
    }
    return true
  }

  #carry(time: number, tie: number, link: Link, taker: InputTaker<Input>, input: Input): void {
    const { scheduler, bytesOf, hashOf } = this.#surroundings
    const bytes = bytesOf === undefined ? 0 : bytesOf(input)
    const hash = hashOf === undefined ? 0 : hashOf(input)
    scheduler.push(new MessageEvent(time, tie, this.#carrier, link, taker, input, hash, bytes))
  }

  #arrive({ link, taker, input, hash }: MessageEvent<Input>): void {
    const { scheduler, trace } = this.#surroundings
    if (link.cut) {
      scheduler.ranNothing()
      this.#lose('cut', link, hash)
      return
    }
    trace.record(scheduler.now, 'deliver', link.index, link.label, '', hash)
    this.counts.delivered += 1
    taker.take(input)
  }

  #lose(reason: 'lost' | 'cut' | 'down', link: Link, hash: number): void {
    this.counts[reason] += 1
    const { scheduler, trace } = this.#surroundings
    trace.record(scheduler.now, 'lose', link.index, link.label, '', hash)
  }
}
