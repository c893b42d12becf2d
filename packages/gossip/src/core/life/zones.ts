import type { NodeId, Random } from '@colony/host'
import type { Member } from '../members/member.ts'

/** Members of each zone that keep up the links to each other zone: enough that two may die at once. */
export const BRIDGES = 3
/** Of the picks of a member that is no bridge, the part that goes to other zones all the same. */
const CROSSING = 0.05
/** Draws for each pick before all candidates are looked at. */
const MAX_DRAWS = 8

/**
 * Picks peers where members have named zones: mostly in this node's own zone, since traffic between zones costs time and money. Each zone has a few bridges, which always speak
 * to each other zone too. Who is a bridge is decided by a hash of the ids, so all know it without a word; and only among members that are there, so a bridge that fails
 * is replaced at once.
 */
export class ZonePreference {
  readonly #self: NodeId
  readonly #random: Random
  /** Present members by zone, in no order; this node is not among them. */
  readonly #zones = new Map<string, NodeId[]>()
  readonly #names: string[] = []
  #own: string
  #isBridge: boolean | undefined
  /** The zone that this node, as a bridge, speaks to next. */
  #turn = 0

  /** `self` and its `zone`. */
  constructor(self: NodeId, zone: string, random: Random) {
    this.#self = self
    this.#own = zone
    this.#random = random
  }

  /** Whether there is more than one zone: without, a uniform pick is right. */
  get active(): boolean {
    return this.#names.length > 1 || (this.#names.length === 1 && this.#names[0] !== this.#own)
  }

  /** The table changed. */
  memberChanged(before: Member | undefined, after: Member | undefined): void {
    const id = (after ?? before)?.id
    if (id === undefined) return
    if (id === this.#self) {
      if (after) this.#own = after.zone
      this.#isBridge = undefined
      return
    }
    const [left, entered] = [zoneOf(before), zoneOf(after)]
    if (left === entered) return
    this.#isBridge = undefined
    if (left !== undefined) this.#remove(id, left)
    if (entered !== undefined) this.#add(id, entered)
  }

  /** Whether this node is one of the bridges of its zone. */
  get isBridge(): boolean {
    this.#isBridge ??= this.#rank() < BRIDGES
    return this.#isBridge
  }

  /** Up to `count` different present members, none for which `except` says so. */
  pick(count: number, except?: (id: NodeId) => boolean): NodeId[] {
    const picked: NodeId[] = []
    const refused = (id: NodeId): boolean => picked.includes(id) || except?.(id) === true
    if (count > 0 && this.isBridge) this.#take(picked, this.#fromOtherZone(refused))
    while (picked.length < count) {
      if (!this.#take(picked, this.#draw(refused) ?? this.#scan(refused))) break
    }
    return picked
  }

  #take(picked: NodeId[], id: NodeId | undefined): boolean {
    if (id !== undefined) picked.push(id)
    return id !== undefined
  }

  /** One of the own zone, or now and then of any. */
  #draw(refused: (id: NodeId) => boolean): NodeId | undefined {
    for (let draw = 0; draw < MAX_DRAWS; draw++) {
      const crosses = this.#random.float() < CROSSING
      const zone = crosses ? this.#names[this.#random.integer(0, this.#names.length - 1)] : this.#own
      const id = zone === undefined ? undefined : this.#drawFrom(zone)
      if (id !== undefined && !refused(id)) return id
    }
    return undefined
  }

  /** One of the zone whose turn it is; of the next one when there is nobody to pick. */
  #fromOtherZone(refused: (id: NodeId) => boolean): NodeId | undefined {
    for (let tried = 0; tried < this.#names.length; tried++) {
      const zone = this.#names[this.#turn++ % this.#names.length] as string
      if (zone === this.#own) continue
      for (let draw = 0; draw < MAX_DRAWS; draw++) {
        const id = this.#drawFrom(zone)
        if (id !== undefined && !refused(id)) return id
      }
    }
    return undefined
  }

  #drawFrom(zone: string): NodeId | undefined {
    const ids = this.#zones.get(zone)
    if (ids === undefined || ids.length === 0) return undefined
    return ids[this.#random.integer(0, ids.length - 1)]
  }

  /** The first that is left, own zone first: chance has missed what there is. */
  #scan(refused: (id: NodeId) => boolean): NodeId | undefined {
    const own = this.#zones.get(this.#own)?.find((id) => !refused(id))
    if (own !== undefined) return own
    for (const name of this.#names) {
      const other = this.#zones.get(name)?.find((id) => !refused(id))
      if (other !== undefined) return other
    }
    return undefined
  }

  /** How many members of the own zone come before this one in the order of their hashes. */
  #rank(): number {
    const own = hashOf(this.#self)
    let rank = 0
    for (const id of this.#zones.get(this.#own) ?? []) {
      const hash = hashOf(id)
      if (hash < own || (hash === own && id < this.#self)) rank++
    }
    return rank
  }

  #add(id: NodeId, zone: string): void {
    let ids = this.#zones.get(zone)
    if (ids === undefined) {
      ids = []
      this.#zones.set(zone, ids)
      this.#names.push(zone)
    }
    ids.push(id)
  }

  #remove(id: NodeId, zone: string): void {
    const ids = this.#zones.get(zone) ?? []
    const last = ids.pop()
    if (last !== id && last !== undefined) ids[ids.indexOf(id)] = last
    if (ids.length === 0) {
      this.#zones.delete(zone)
      this.#names.splice(this.#names.indexOf(zone), 1)
    }
  }
}

/** Where a member that is there can be picked. */
function zoneOf(member: Member | undefined): string | undefined {
  return member?.status === 'alive' || member?.status === 'suspect' ? member.zone : undefined
}

/** FNV-1a, then the finaliser of MurmurHash3: ids that are numbered in a row end up in no order. */
function hashOf(id: NodeId): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < id.length; index++) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
