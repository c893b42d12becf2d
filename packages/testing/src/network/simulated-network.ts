import type { Channel, NodeId, Random } from '@colony/host'
import { TestingError } from '../errors.ts'
import { hashBytes } from '../trace/trace-hash.ts'
import type { Trace } from '../trace/trace.ts'
import type { EventOwner } from '../world/event-queue.ts'
import type { Scheduler } from '../world/scheduler.ts'
import type { FrameCarrier } from './frame-event.ts'
import { FrameEvent } from './frame-event.ts'
import type { LinkChange, LinkSelection, LinkSettings } from './link-settings.ts'
import { layered, validateLinkChange } from './link-settings.ts'
import { Link } from './link.ts'
import type { NetworkStats } from './network-stats.ts'
import { emptyStats } from './network-stats.ts'
import type { SimulatedTransport } from './simulated-transport.ts'

/** @internal What a network is made of. */
export interface NetworkSurroundings {
  /** Carries the frames through time. */
  readonly scheduler: Scheduler
  /** Takes in what happens to them. */
  readonly trace: Trace
  /** Parent of every link's stream. */
  readonly random: Random
  /** What every link is like at first. */
  readonly settings: LinkSettings
}

interface Change extends LinkSelection {
  readonly change: LinkChange
}

/**
 * The network between the nodes of a world: unreliable, unordered datagrams over directed links, each with its own random stream.
 *
 * A protocol on it must survive: any frame lost, any frame late by any time, frames overtaking each other, frames arriving twice, a
 * direction of a link dead while the other lives. It never sees: a frame altered, a frame of another channel or sender, a frame that was
 * sent to an earlier incarnation of the receiver.
 * @category Network
 */
export class SimulatedNetwork {
  /** What happened to the frames so far. */
  readonly stats: Readonly<NetworkStats>
  readonly #stats: NetworkStats = emptyStats()
  readonly #surroundings: NetworkSurroundings
  readonly #places = new Map<NodeId, SimulatedTransport | undefined>()
  readonly #links = new Map<NodeId, Map<NodeId, Link>>()
  #changes: Change[] = []
  #linkCount = 0
  readonly #carrier: FrameCarrier = {
    arrive: (frame) => this.#arrive(frame),
    drop: ({ link, channel, hash }) => void this.#lose('down', link, channel, hash),
  }

  /** @internal */
  constructor(surroundings: NetworkSurroundings) {
    this.#surroundings = surroundings
    this.stats = this.#stats
  }

  /**
   * Cuts every link between different groups, both ways, and mends all others. A node that is in no group is cut from every one.
   * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` for an unknown node, or one in two groups.
   */
  partition(groups: readonly (readonly NodeId[])[]): void {
    const groupOf = new Map<NodeId, number>()
    groups.forEach((group, place) => {
      for (const id of group) {
        this.#requireNode(id)
        if (groupOf.has(id))
          throw new TestingError('TESTING_INVALID_OPTION', `node '${id}' is in two groups of a partition`)
        groupOf.set(id, place)
      }
    })
    for (const from of this.#places.keys()) {
      for (const to of this.#places.keys()) {
        if (from !== to)
          this.#link(from, to).cut = groupOf.get(from) !== groupOf.get(to) || !groupOf.has(from)
      }
    }
  }

  /**
   * Cuts one directed link: nothing that `from` sends reaches `to`, what is on the way included.
   * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` for an unknown node.
   */
  cut(from: NodeId, to: NodeId): void {
    this.#requireNode(from)
    this.#requireNode(to)
    this.#link(from, to).cut = true
  }

  /** Mends cut links: all of them, or those that are selected. Settings such as loss stay. */
  heal(selection: LinkSelection = {}): void {
    for (const [from, links] of this.#links) {
      for (const [to, link] of links) if (selects(selection, from, to)) link.cut = false
    }
  }

  /**
   * Changes how links behave from now on: all of them, or those that are selected. Frames on the way keep their fate.
   * Later changes lie on top of earlier ones, and a narrower selection is not stronger than a wider one that comes later.
   * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` for a value out of range.
   */
  configure(change: LinkChange, selection: LinkSelection = {}): void {
    validateLinkChange(change)
    // What an earlier change of the same links said about these fields is covered for good: without this a long run would pile up changes.
    const uncovered = this.#changes.map((each) =>
      sameLinks(each, selection) ? withoutFields(each, change) : each,
    )
    this.#changes = uncovered.filter((each) => Object.keys(each.change).length > 0)
    this.#changes.push({ ...selection, change: { ...change } })
    for (const [sender, links] of this.#links) {
      for (const [receiver, link] of links) link.settings = this.#settingsOf(sender, receiver)
    }
  }

  /** Whether frames from one node can reach another just now, as far as cuts go. */
  connected(from: NodeId, to: NodeId): boolean {
    return this.#links.get(from)?.get(to)?.cut !== true
  }

  /** Frames on the way from one node to another, or waiting there for a paused receiver. */
  inFlight(from: NodeId, to: NodeId): number {
    return this.#links.get(from)?.get(to)?.inFlight ?? 0
  }

  /** @internal Makes a transport the one that `id` is reached through; `undefined` while the node is down. */
  place(id: NodeId, transport: SimulatedTransport | undefined): void {
    this.#places.set(id, transport)
  }

  /** @internal */
  send(from: EventOwner, to: NodeId, channel: Channel, frame: Uint8Array, maxBytes: number): boolean {
    const stats = this.#stats
    if (!this.#places.has(to) || frame.length > maxBytes) return this.#refuse()
    const link = this.#link(from.id, to)
    if (link.inFlight >= link.settings.maxInFlight) return this.#refuse()
    stats.sent += 1
    stats.bytes += frame.length
    const hash = hashBytes(frame)
    const { scheduler, trace } = this.#surroundings
    trace.record(scheduler.now, 'send', link.index, link.label, channel, hash)
    const fate = link.drawFate()
    const target = this.#places.get(to)
    if (fate.lost) return this.#lose('lost', link, channel, hash)
    if (link.cut) return this.#lose('cut', link, channel, hash)
    if (target === undefined) return this.#lose('down', link, channel, hash)
    if (fate.held) stats.reordered += 1
    const { now } = scheduler
    scheduler.push(
      new FrameEvent(now + fate.delay, fate.tie, this.#carrier, link, target, channel, frame, hash),
    )
    if (fate.copyDelay > 0) {
      stats.duplicated += 1
      scheduler.push(
        new FrameEvent(now + fate.copyDelay, fate.tie, this.#carrier, link, target, channel, frame, hash),
      )
    }
    return true
  }

  #arrive({ link, target, channel, frame, hash }: FrameEvent): void {
    const { scheduler, trace } = this.#surroundings
    if (hashBytes(frame) !== hash) {
      throw new TestingError(
        'TESTING_RUN_FAILED',
        `'${link.from}' changed a frame on channel '${channel}' after it had sent it`,
      )
    }
    if (link.cut) {
      scheduler.ranNothing()
      this.#lose('cut', link, channel, hash)
      return
    }
    trace.record(scheduler.now, 'deliver', link.index, link.label, channel, hash)
    // A copy: the bytes belong to the receiver, and the sender may have sent the same array to others.
    if (target.deliver(link.from, channel, frame.slice())) {
      this.#stats.delivered += 1
      return
    }
    scheduler.ranNothing()
    this.#stats.unheard += 1
  }

  #refuse(): false {
    this.#stats.refused += 1
    return false
  }

  #lose(reason: 'lost' | 'cut' | 'down', link: Link, channel: Channel, hash: number): true {
    this.#stats[reason] += 1
    const { scheduler, trace } = this.#surroundings
    trace.record(scheduler.now, 'lose', link.index, link.label, channel, hash)
    return true
  }

  #link(from: NodeId, to: NodeId): Link {
    let links = this.#links.get(from)
    if (links === undefined) this.#links.set(from, (links = new Map<NodeId, Link>()))
    let link = links.get(to)
    if (link === undefined) {
      this.#linkCount += 1
      const random = this.#surroundings.random.fork(`${from}→${to}`)
      link = new Link(from, to, this.#linkCount, random, this.#settingsOf(from, to))
      links.set(to, link)
    }
    return link
  }

  #settingsOf(from: NodeId, to: NodeId): LinkSettings {
    const changes = this.#changes.filter((each) => selects(each, from, to)).map((each) => each.change)
    return layered(this.#surroundings.settings, changes)
  }

  #requireNode(id: NodeId): void {
    if (!this.#places.has(id))
      throw new TestingError('TESTING_INVALID_OPTION', `there is no node '${id}' in this world`)
  }
}

function selects(selection: LinkSelection, from: NodeId, to: NodeId): boolean {
  return (selection.from ?? from) === from && (selection.to ?? to) === to
}

function sameLinks(left: LinkSelection, right: LinkSelection): boolean {
  return left.from === right.from && left.to === right.to
}

function withoutFields(change: Change, covered: LinkChange): Change {
  const left = Object.entries(change.change).filter(([field]) => !(field in covered))
  return { ...change, change: Object.fromEntries(left) }
}
