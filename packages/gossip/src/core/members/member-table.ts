import type { Address, NodeId } from '@colony/host'
import type { Incarnation } from './incarnation.ts'
import type { Member, MemberStatus } from './member.ts'

/** By number in the table. */
const STATUSES: readonly MemberStatus[] = ['alive', 'suspect', 'failed', 'left']

const FIRST_CAPACITY = 16

/** The index of this node itself: it is the first to be added, and never removed. */
export const SELF = 0

/** What is known of one member, as it is written into the table. */
export interface MemberRow {
  readonly incarnation: Incarnation
  readonly status: MemberStatus
  readonly address: Address
  readonly zone: string
  /** Who said that it stands so; itself while it is alive. */
  readonly accuser: NodeId
  /** The incarnation was learned without its address: the address is that of an older one. */
  readonly bare: boolean
}

/**
 * What is known of every member, as a struct of arrays: an object a member would take twice the memory (about 200 bytes instead of 90). A member
 * keeps its index for as long as it is known; indexes are used again.
 */
export class MemberTable {
  readonly #indexes = new Map<NodeId, number>()
  /** `undefined` where an index is free. */
  readonly #ids: (NodeId | undefined)[] = []
  readonly #addresses: Address[] = []
  readonly #free: number[] = []
  /** Zones are few, so a member has the number of its zone. */
  readonly #zones: string[] = ['']
  readonly #zoneNumbers = new Map<string, number>([['', 0]])
  /** Of members that are not alive, by index. */
  readonly #accusers = new Map<number, NodeId>()
  #zoneOf = new Uint16Array(FIRST_CAPACITY)
  #epochs = new Float64Array(FIRST_CAPACITY)
  #counters = new Uint32Array(FIRST_CAPACITY)
  #statuses = new Uint8Array(FIRST_CAPACITY)
  #bare = new Uint8Array(FIRST_CAPACITY)

  /** How many members are known. */
  get size(): number {
    return this.#indexes.size
  }

  /** One more than the greatest index in use, at most: what arrays by index need to have. */
  get capacity(): number {
    return this.#epochs.length
  }

  /** The index of a member; -1 when it is not known. */
  indexOf(id: NodeId): number {
    return this.#indexes.get(id) ?? -1
  }

  idAt(index: number): NodeId {
    return this.#ids[index] as NodeId
  }

  statusAt(index: number): MemberStatus {
    return STATUSES[this.#statuses[index] ?? 0] as MemberStatus
  }

  epochAt(index: number): number {
    return this.#epochs[index] ?? 0
  }

  counterAt(index: number): number {
    return this.#counters[index] ?? 0
  }

  zoneAt(index: number): string {
    return this.#zones[this.#zoneOf[index] ?? 0] ?? ''
  }

  /** Whether the member is alive or suspect. */
  isPresentAt(index: number): boolean {
    return (this.#statuses[index] ?? 0) < 2
  }

  rowAt(index: number): MemberRow {
    return {
      incarnation: { epoch: this.epochAt(index), counter: this.counterAt(index) },
      status: this.statusAt(index),
      address: this.#addresses[index] ?? '',
      zone: this.zoneAt(index),
      accuser: this.#accusers.get(index) ?? this.idAt(index),
      bare: this.#bare[index] === 1,
    }
  }

  /** Whether a member is held at this incarnation, with the address of it. */
  holds(index: number, epoch: number, counter: number): boolean {
    return this.#epochs[index] === epoch && this.#counters[index] === counter && this.#bare[index] === 0
  }

  /** Whether a member's address is what `bytes` spell in ASCII from `start` up to `end`. */
  hasAddress(index: number, bytes: Uint8Array, start: number, end: number): boolean {
    const address = this.#addresses[index] ?? ''
    if (address.length !== end - start) return false
    for (let at = start; at < end; at++) if (address.charCodeAt(at - start) !== bytes[at]) return false
    return true
  }

  memberAt(index: number): Member {
    const { address, incarnation, status, zone } = this.rowAt(index)
    return { id: this.idAt(index), address, incarnation, status, zone }
  }

  /** Every index in use, in a stable order. Members may be added and changed meanwhile, not removed. */
  *indexes(): IterableIterator<number> {
    for (let index = 0; index < this.#ids.length; index++) if (this.#ids[index] !== undefined) yield index
  }

  /** Adds a member that is not known, and gives its index. */
  add(id: NodeId, row: MemberRow): number {
    const index = this.#free.pop() ?? this.#ids.length
    if (index >= this.capacity) this.#grow()
    this.#ids[index] = id
    this.#indexes.set(id, index)
    this.write(index, row)
    return index
  }

  /** Replaces what is known of a member. */
  write(index: number, row: MemberRow): void {
    // Strings that were put together from parts are made flat by reading a character: parts would take ten times the room.
    row.address.charCodeAt(0)
    this.#addresses[index] = row.address
    this.#zoneOf[index] = this.#zoneNumber(row.zone)
    this.#epochs[index] = row.incarnation.epoch
    this.#counters[index] = row.incarnation.counter
    this.#statuses[index] = STATUSES.indexOf(row.status)
    this.#bare[index] = row.bare ? 1 : 0
    if (row.accuser === this.idAt(index)) this.#accusers.delete(index)
    else this.#accusers.set(index, row.accuser)
  }

  /** Forgets a member. */
  remove(index: number): void {
    this.#indexes.delete(this.idAt(index))
    this.#accusers.delete(index)
    this.#ids[index] = undefined
    this.#addresses[index] = ''
    this.#free.push(index)
  }

  /** More zones than there are numbers are one zone without a name. */
  #zoneNumber(zone: string): number {
    const known = this.#zoneNumbers.get(zone)
    if (known !== undefined) return known
    const number = this.#zones.length
    if (number > 0xffff) return 0
    this.#zones.push(zone)
    this.#zoneNumbers.set(zone, number)
    return number
  }

  #grow(): void {
    const capacity = 2 * this.capacity
    this.#zoneOf = grown(new Uint16Array(capacity), this.#zoneOf)
    this.#epochs = grown(new Float64Array(capacity), this.#epochs)
    this.#counters = grown(new Uint32Array(capacity), this.#counters)
    this.#statuses = grown(new Uint8Array(capacity), this.#statuses)
    this.#bare = grown(new Uint8Array(capacity), this.#bare)
  }
}

function grown<Numbers extends { set(from: Numbers): void }>(room: Numbers, from: Numbers): Numbers {
  room.set(from)
  return room
}
