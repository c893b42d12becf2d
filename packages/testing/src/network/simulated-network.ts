import type { Channel, NodeId, Random } from '@colony/host'
import { TestingError } from '../errors.ts'
import type { TimelineRecorder } from '../timeline/recorder.ts'
import { hashBytes } from '../trace/trace-hash.ts'
import type { Trace } from '../trace/trace.ts'
import type { EventOwner } from '../world/event-queue.ts'
import type { Scheduler } from '../world/scheduler.ts'
import { FaultyNetwork } from './faulty-network.ts'
import type { Frame, FrameCarrier } from './frame-event.ts'
import { FrameEvent } from './frame-event.ts'
import type { LinkSettings } from './link-settings.ts'
import type { Parcel, SimulatedTransport } from './simulated-transport.ts'

/** @internal What a network is made of. */
export interface NetworkSurroundings {
  /** Carries the frames through time. */
  readonly scheduler: Scheduler
  /** Takes in what happens to them. */
  readonly trace: Trace
  /** Keeps it for pictures, where someone wants them. */
  readonly recorder: TimelineRecorder | undefined
  /** What a frame says, for pictures. */
  readonly describeFrame: ((channel: Channel, frame: Uint8Array) => string | undefined) | undefined
  /** Parent of every link's stream. */
  readonly random: Random
  /** What every link is like at first. */
  readonly settings: LinkSettings
}

/**
 * The network between the nodes of a world: unreliable, unordered datagrams over directed links, each with its own random stream.
 *
 * A protocol on it must survive: any frame lost, any frame late by any time, frames overtaking each other, frames arriving twice, a
 * direction of a link dead while the other lives. It never sees: a frame altered, a frame of another channel or sender, and (unless old frames are
 * replayed, see {@link LinkSettings.replay}) a frame that was sent to an earlier incarnation of the receiver.
 *
 * What a node hands to `stream` goes over a connection instead: in order, once, and never lost by chance; a loss on the way costs time, as with TCP.
 * A cut link and a receiver that is down lose it all the same. The address of a node, for `contact`, is its id.
 * @category Network
 */
export class SimulatedNetwork extends FaultyNetwork {
  readonly #surroundings: NetworkSurroundings
  readonly #places = new Map<NodeId, SimulatedTransport | undefined>()
  readonly #carrier: FrameCarrier = {
    arrive: (frame, target) => this.#arrive(frame, target),
    drop: (frame) => this.#lose('down', frame),
  }

  /** @internal */
  constructor(surroundings: NetworkSurroundings) {
    super(surroundings.random, surroundings.settings)
    this.#surroundings = surroundings
  }

  /** @internal Makes a transport the one that `id` is reached through; `undefined` while the node is down. */
  place(id: NodeId, transport: SimulatedTransport | undefined): void {
    this.admit(id)
    this.#places.set(id, transport)
  }

  /** @internal */
  send(from: EventOwner, { to, channel, bytes, path }: Parcel, maxBytes: number): boolean {
    if (!this.knows(to) || bytes.length > maxBytes) return this.#refuse()
    const link = this.link(from.id, to)
    if (!link.takes(bytes.length)) return this.#refuse()
    const { counts } = this
    counts.sent += 1
    counts.bytes += bytes.length
    const frame: Frame = { number: counts.sent, link, channel, bytes, path, hash: hashBytes(bytes) }
    this.#recordSend(frame)
    if (path === 'stream') this.#stream(frame, this.#places.get(to))
    else this.#decide(frame, this.#places.get(to))
    return true
  }

  #decide(frame: Frame, target: SimulatedTransport | undefined): void {
    const { link } = frame
    const { now } = this.#surroundings.scheduler
    const queued = link.transmit(now, frame.bytes.length)
    const fate = link.drawFate()
    const replay = link.drawReplay(frame)
    if (replay !== undefined && target !== undefined) {
      this.counts.replayed += 1
      this.#carry(now + replay.delay, replay.tie, replay.frame as Frame, target)
    }
    if (fate.lost) return this.#lose('lost', frame)
    if (link.cut) return this.#lose('cut', frame)
    if (target === undefined) return this.#lose('down', frame)
    if (fate.held) this.counts.reordered += 1
    this.#carry(now + queued + fate.delay, fate.tie, frame, target)
    if (fate.copyDelay > 0) {
      this.counts.duplicated += 1
      this.#carry(now + queued + fate.copyDelay, fate.tie, frame, target)
    }
  }

  #stream(frame: Frame, target: SimulatedTransport | undefined): void {
    const { link } = frame
    const arrival = link.stream(this.#surroundings.scheduler.now, frame.bytes.length)
    if (link.cut) return this.#lose('cut', frame)
    if (target === undefined) return this.#lose('down', frame)
    if (arrival === undefined) return this.#lose('lost', frame)
    this.#carry(arrival.time, arrival.tie, frame, target)
  }

  #carry(time: number, tie: number, frame: Frame, target: SimulatedTransport): void {
    this.#surroundings.scheduler.push(new FrameEvent(time, tie, this.#carrier, frame, target))
  }

  #arrive(frame: Frame, target: SimulatedTransport): void {
    const { scheduler, trace, recorder } = this.#surroundings
    const { number, link, channel, bytes, path, hash } = frame
    if (hashBytes(bytes) !== hash) {
      throw new TestingError(
        'TESTING_RUN_FAILED',
        `'${link.from}' changed a frame on channel '${channel}' after it had sent it`,
      )
    }
    if (link.cut) {
      scheduler.ranNothing()
      this.#lose('cut', frame)
      return
    }
    trace.record(scheduler.now, 'deliver', link.index, link.label, channel, hash)
    const at = scheduler.now / 1000
    if (!target.hears(channel)) {
      scheduler.ranNothing()
      this.counts.unheard += 1
      recorder?.add({ kind: 'lose', at, frame: number, reason: 'unheard' })
      return
    }
    this.counts.delivered += 1
    recorder?.add({ kind: 'deliver', at, frame: number })
    // A copy: the bytes belong to the receiver, and the sender may have sent the same array to others.
    target.deliver(link.from, channel, bytes.slice(), path)
  }

  #refuse(): false {
    this.counts.refused += 1
    return false
  }

  #lose(reason: 'lost' | 'cut' | 'down', { number, link, channel, hash }: Frame): void {
    this.counts[reason] += 1
    const { scheduler, trace, recorder } = this.#surroundings
    trace.record(scheduler.now, 'lose', link.index, link.label, channel, hash)
    recorder?.add({ kind: 'lose', at: scheduler.now / 1000, frame: number, reason })
  }

  #recordSend({ number, link, channel, bytes, hash }: Frame): void {
    const { scheduler, trace, recorder, describeFrame } = this.#surroundings
    trace.record(scheduler.now, 'send', link.index, link.label, channel, hash)
    if (recorder === undefined) return
    const label = describeFrame?.(channel, bytes)
    recorder.add({
      kind: 'send',
      at: scheduler.now / 1000,
      frame: number,
      from: link.from,
      to: link.to,
      channel,
      bytes: bytes.length,
      ...(label !== undefined && { label }),
    })
  }
}
