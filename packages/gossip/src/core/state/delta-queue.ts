import type { ByteWriter, NodeId } from '@colony/host'
import type { CoreContext } from '../component.ts'
import { spreadLimit } from '../dissemination/spread-limit.ts'
import { runEntryBytes, runHeadBytes, writeRun } from './state-run.ts'
import type { StateStore } from './state-store.ts'

/** Changes of one owner that are being spread: all after `base`. */
interface Spreading {
  readonly id: NodeId
  readonly life: number
  base: number
  /** Up to which versions the changes were sent how often: versions ascend, and numbers descend, because a run begins with the oldest. */
  readonly reaches: { version: number; sends: number }[]
  /** About how much a run of all of them takes. */
  bytes: number
  /** The packet that holds a run already. */
  packet: number
  /** How often others had agreed when the newest change came. */
  agreements: number
}

/** When so many others were heard of who know all that is known here, what they know need not be told on: who missed it differs, and is found by that. */
const ENOUGH_AGREEMENTS = 3
/** Tag and length of the section, and the head of the packet, around a run that is alone in a packet. */
const FRAME_BYTES = 8
/** Below this room no run is worth the looking. */
const LEAST_RUN_BYTES = 16

/**
 * What of members' states is piggybacked: for each owner one run without gaps from the oldest change that was not sent often enough; the owner whose newest change was sent least often
 * goes first. A run that does not fit is cut at its end, never at its beginning.
 */
export class DeltaQueue {
  readonly #context: CoreContext
  readonly #store: StateStore
  readonly #owners = new Map<NodeId, Spreading>()
  /** By how often the owner's newest change was sent. */
  readonly #levels: Set<Spreading>[] = []
  #bytes = 0
  #packet = 0
  #agreements = 0

  constructor(context: CoreContext, store: StateStore) {
    this.#context = context
    this.#store = store
  }

  /** About how many bytes wait. */
  get bytes(): number {
    return this.#bytes
  }

  /** The copy of an owner's state goes further than `before` now: what is new is spread. */
  add(id: NodeId, before: number): void {
    const copy = this.#store.copy(id)
    if (copy === undefined || copy.version <= before) return
    let spreading = this.#owners.get(id)
    if (spreading !== undefined && (spreading.life !== copy.life || before < spreading.base)) {
      this.#remove(spreading)
      spreading = undefined
    }
    if (spreading === undefined) {
      const bytes = runHeadBytes(id, copy, before)
      spreading = { id, life: copy.life, base: before, reaches: [], bytes, packet: 0, agreements: 0 }
      this.#owners.set(id, spreading)
      this.#bytes += bytes
    } else {
      this.#level(spreading).delete(spreading)
    }
    spreading.agreements = this.#agreements
    const last = spreading.reaches.at(-1)
    if (last?.sends === 0) last.version = copy.version
    else spreading.reaches.push({ version: copy.version, sends: 0 })
    this.#level(spreading).add(spreading)
    let added = 0
    for (const entry of copy.after(before)) added += runEntryBytes(entry, before)
    spreading.bytes += added
    this.#bytes += added
  }

  /** Another member was heard of who knows all that is known here. */
  agreed(): void {
    if (this.#owners.size > 0) this.#agreements++
  }

  /** Writes runs of at most `budget` bytes; none about `to`, who knows best. How many bytes it wrote. */
  write(writer: ByteWriter, budget: number, to: NodeId): number {
    const start = writer.length
    const limit = spreadLimit(this.#context)
    this.#packet++
    for (let sends = 0; sends < this.#levels.length; sends++) {
      for (const spreading of this.#levels[sends] ?? []) {
        const room = budget - (writer.length - start)
        if (room < LEAST_RUN_BYTES) return writer.length - start
        if (spreading.id !== to && spreading.packet !== this.#packet) {
          this.#writeOne(writer, spreading, room, limit)
        }
      }
    }
    return writer.length - start
  }

  #writeOne(writer: ByteWriter, spreading: Spreading, room: number, limit: number): void {
    const copy = this.#store.copy(spreading.id)
    const agreed = this.#agreements - spreading.agreements >= ENOUGH_AGREEMENTS
    if (copy === undefined || copy.life !== spreading.life || copy.version <= spreading.base || agreed) {
      this.#remove(spreading)
      return
    }
    spreading.packet = this.#packet
    const upTo = writeRun(writer, spreading.id, copy, spreading.base, room)
    if (upTo > spreading.base) this.#count(spreading, upTo, limit)
    else this.#passOverLarge(spreading)
  }

  /** Counts the changes up to `upTo` as sent once more, and stops spreading what was sent often enough. */
  #count(spreading: Spreading, upTo: number, limit: number): void {
    const { reaches } = spreading
    this.#level(spreading).delete(spreading)
    const index = reaches.findIndex(({ version }) => version > upTo)
    const cut = reaches[index]
    // The run was cut within this group: its first part was sent once more often than the rest.
    if (cut !== undefined) {
      reaches.splice(index, 0, { version: upTo, sends: cut.sends })
    }
    for (const reach of reaches) if (reach.version <= upTo) reach.sends++
    while (reaches[0] !== undefined && reaches[0].sends >= limit) {
      spreading.base = (reaches.shift() as { version: number }).version
    }
    this.#join(reaches)
    this.#measure(spreading)
    if (reaches.length === 0) this.#remove(spreading)
    else this.#level(spreading).add(spreading)
  }

  /** Groups that were sent equally often are one: there are never more of them than the limit has steps. */
  #join(reaches: Spreading['reaches']): void {
    for (let index = reaches.length - 1; index > 0; index--) {
      if (reaches[index]?.sends === reaches[index - 1]?.sends) reaches.splice(index - 1, 1)
    }
  }

  /** A change that fits no packet travels by anti-entropy; what follows it is spread, and tells whoever gets it that something is missing. */
  #passOverLarge(spreading: Spreading): void {
    const copy = this.#store.copy(spreading.id)
    const [first] = copy?.after(spreading.base) ?? []
    if (copy === undefined || first === undefined) return
    const bytes = runHeadBytes(spreading.id, copy, spreading.base) + runEntryBytes(first, spreading.base)
    if (bytes + FRAME_BYTES <= this.#context.packetBytes) return
    spreading.base = first.version
    const { reaches } = spreading
    const level = this.#level(spreading)
    while (reaches[0] !== undefined && reaches[0].version <= spreading.base) reaches.shift()
    level.delete(spreading)
    this.#measure(spreading)
    if (reaches.length === 0) this.#remove(spreading)
    else this.#level(spreading).add(spreading)
  }

  #measure(spreading: Spreading): void {
    const copy = this.#store.copy(spreading.id)
    let bytes = 0
    if (copy !== undefined) {
      bytes = runHeadBytes(spreading.id, copy, spreading.base)
      for (const entry of copy.after(spreading.base)) bytes += runEntryBytes(entry, spreading.base)
    }
    this.#bytes += bytes - spreading.bytes
    spreading.bytes = bytes
  }

  #level({ reaches }: Spreading): Set<Spreading> {
    const sends = reaches.at(-1)?.sends ?? 0
    while (this.#levels.length <= sends) this.#levels.push(new Set())
    return this.#levels[sends] as Set<Spreading>
  }

  #remove(spreading: Spreading): void {
    for (const level of this.#levels) level.delete(spreading)
    this.#owners.delete(spreading.id)
    this.#bytes -= spreading.bytes
    spreading.bytes = 0
  }
}
