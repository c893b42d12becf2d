import type { NodeId, Random } from '@colony/host'
import { TestingError } from '../errors.ts'
import type { LinkChange, LinkSelection, LinkSettings } from './link-settings.ts'
import { layered, validateLinkChange } from './link-settings.ts'
import { Link } from './link.ts'
import type { NetworkStats } from './network-stats.ts'
import { emptyStats } from './network-stats.ts'

interface Change extends LinkSelection {
  readonly change: LinkChange
}

/**
 * Directed links between nodes, and what can be done to them.
 * @category Network
 */
export abstract class FaultyNetwork {
  /** What happened to the frames so far. */
  readonly stats: Readonly<NetworkStats>
  /** @internal The same, to be counted up. */
  protected readonly counts: NetworkStats = emptyStats()
  readonly #random: Random
  readonly #settings: LinkSettings
  readonly #nodes = new Set<NodeId>()
  readonly #links = new Map<NodeId, Map<NodeId, Link>>()
  #changes: Change[] = []
  /** What links are like that the same changes apply to, by which these are: few are told apart, and settings are much work. */
  readonly #known = new Map<string, LinkSettings>()
  #linkCount = 0

  /** @internal `random` is the parent of every link's stream, `settings` what each link is like at first. */
  constructor(random: Random, settings: LinkSettings) {
    this.#random = random
    this.#settings = settings
    this.stats = this.counts
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
    for (const from of this.#nodes) {
      for (const to of this.#nodes) {
        if (from !== to) this.link(from, to).cut = groupOf.get(from) !== groupOf.get(to) || !groupOf.has(from)
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
    this.link(from, to).cut = true
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
    // What earlier changes said of these fields on no other links is covered for good: without this a long run would pile up changes.
    const uncovered = this.#changes.map((each) =>
      covers(selection, each) ? withoutFields(each, change) : each,
    )
    this.#changes = uncovered.filter((each) => Object.keys(each.change).length > 0)
    const effective = this.#withoutIdle(change)
    if (Object.keys(effective).length > 0) this.#changes.push({ ...selection, change: effective })
    this.#known.clear()
    for (const [sender, links] of this.#links) {
      for (const [receiver, link] of links) {
        if (selects(selection, sender, receiver)) link.settings = this.#settingsOf(sender, receiver)
      }
    }
  }

  /** A change but for the fields that go back to what they never left. */
  #withoutIdle(change: LinkChange): LinkChange {
    const busy = Object.entries(change).filter(
      ([field, value]) => value !== null || this.#changes.some((each) => field in each.change),
    )
    return Object.fromEntries(busy)
  }

  /** Whether frames from one node can reach another just now, as far as cuts go. */
  connected(from: NodeId, to: NodeId): boolean {
    return this.#links.get(from)?.get(to)?.cut !== true
  }

  /** Frames on the way from one node to another, or waiting there for a paused receiver. */
  inFlight(from: NodeId, to: NodeId): number {
    return this.#links.get(from)?.get(to)?.inFlight ?? 0
  }

  /** @internal Makes a node known. */
  protected admit(id: NodeId): void {
    this.#nodes.add(id)
  }

  /** @internal Whether there is such a node. */
  protected knows(id: NodeId): boolean {
    return this.#nodes.has(id)
  }

  /** @internal The link between two nodes. */
  protected link(from: NodeId, to: NodeId): Link {
    let links = this.#links.get(from)
    if (links === undefined) this.#links.set(from, (links = new Map<NodeId, Link>()))
    let link = links.get(to)
    if (link === undefined) {
      this.#linkCount += 1
      const random = this.#random.fork(`${from}→${to}`)
      link = new Link(from, to, this.#linkCount, random, this.#settingsOf(from, to))
      links.set(to, link)
    }
    return link
  }

  #settingsOf(from: NodeId, to: NodeId): LinkSettings {
    let which = ''
    for (const each of this.#changes) which += selects(each, from, to) ? '1' : '0'
    let settings = this.#known.get(which)
    if (settings === undefined) {
      const changes = this.#changes.filter((each) => selects(each, from, to)).map((each) => each.change)
      this.#known.set(which, (settings = layered(this.#settings, changes)))
    }
    return settings
  }

  #requireNode(id: NodeId): void {
    if (!this.#nodes.has(id))
      throw new TestingError('TESTING_INVALID_OPTION', `there is no node '${id}' in this world`)
  }
}

function selects(selection: LinkSelection, from: NodeId, to: NodeId): boolean {
  return (selection.from ?? from) === from && (selection.to ?? to) === to
}

/** Whether one selection has all links of another. */
function covers(wider: LinkSelection, other: LinkSelection): boolean {
  return (
    (wider.from === undefined || wider.from === other.from) &&
    (wider.to === undefined || wider.to === other.to)
  )
}

function withoutFields(change: Change, covered: LinkChange): Change {
  const left = Object.entries(change.change).filter(([field]) => !(field in covered))
  return { ...change, change: Object.fromEntries(left) }
}
