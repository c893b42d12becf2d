import { ByteWriter, type NodeId } from '@colony/host'
import type { Path, Section } from '../component.ts'
import { FairShares, type PacketClass, SECTION_OVERHEAD } from './fair-shares.ts'
import { HEAD_BYTES, PacketHead } from './packet-head.ts'
import type { TokenBucket } from './token-bucket.ts'

/** A section that goes with every section of another tag: the summary with every acknowledgement. */
export interface AttachedSection {
  /** Tag of the section that it accompanies. */
  readonly to: number
  readonly section: Section
}

/** What a {@link PacketComposer} is made with. */
export interface ComposerOptions {
  /** Name of the cluster. */
  readonly cluster: string
  /** Most bytes of a datagram, head included. */
  readonly packetBytes: number
  /** Most bytes of a message of a stream, head included. */
  readonly streamBytes: number
  /** What is piggybacked, and in which proportions. */
  readonly classes: readonly PacketClass[]
  /** What accompanies what, whether or not there is anything to spread. */
  readonly attached?: readonly AttachedSection[]
  /** Counts whatever may give somebody something to say; without it all are asked for every packet. */
  readonly activity?: { readonly changes: number }
  /** Is charged with every packet, and limits what is piggybacked; without it there is no cap. */
  readonly bandwidth?: TokenBucket
}

/** Below this room, no section holds an item worth the looking. */
const LEAST_ROOM = SECTION_OVERHEAD + 8

/** Sections of streams above this are copied once, into a packet of their own, instead of through the writer, which would keep a buffer of their size. */
const LARGE_BODY = 1024

/** Packets are composed one after the other, so all cores of a process share the writers. */
const PACKET = new ByteWriter()
const BODY = new ByteWriter()

/**
 * Makes packets: head, one section that somebody wants to send, then news of all classes in what room is left. No datagram is larger than the limit, however
 * large the cluster is.
 */
export class PacketComposer {
  readonly #head: PacketHead
  readonly #packetBytes: number
  readonly #streamBytes: number
  readonly #shares: FairShares
  readonly #attached: readonly AttachedSection[]
  readonly #bandwidth: TokenBucket | undefined
  readonly #activity: { readonly changes: number } | undefined
  /** Nobody had anything to say, and nothing has happened since. */
  #silentAt: number | undefined
  #to: NodeId = ''

  constructor(options: ComposerOptions) {
    this.#head = new PacketHead(options.cluster)
    this.#packetBytes = options.packetBytes
    this.#streamBytes = options.streamBytes
    this.#shares = new FairShares(options.classes, options.packetBytes - HEAD_BYTES)
    this.#attached = options.attached ?? []
    this.#bandwidth = options.bandwidth
    this.#activity = options.activity
  }

  /** About how many bytes wait to be piggybacked. */
  get backlog(): number {
    return this.#shares.backlog
  }

  /**
   * A packet to `to` with `body` as the section `tag`; in a datagram news fills the rest. A stream carries the section alone: its messages are large already, and
   * what is in them must not be counted as told in time. `undefined` when `body` is too large for one packet.
   */
  compose(to: NodeId, tag: number, body: Uint8Array, path: Path): Uint8Array | undefined {
    const limit = path === 'datagram' ? this.#packetBytes : this.#streamBytes
    if (HEAD_BYTES + framedBytes(body.length) > limit) return undefined
    if (path === 'stream' && body.length > LARGE_BODY) return this.#composeLarge(tag, body)
    this.#to = to
    PACKET.reset()
    this.#head.write(PACKET)
    this.#frame(tag, body)
    for (const { to: companion, section } of this.#attached) {
      if (companion === tag) this.#append(section, limit - PACKET.length)
    }
    if (path === 'datagram') this.#piggyback()
    return this.#finish()
  }

  /** A packet of news alone; `undefined` when there is nothing to say that fits, or that the cap lets pass now. */
  gossip(to: NodeId): Uint8Array | undefined {
    this.#to = to
    PACKET.reset()
    this.#head.write(PACKET)
    this.#piggyback()
    if (PACKET.length > HEAD_BYTES) return this.#finish()
    PACKET.reset()
    return undefined
  }

  #composeLarge(tag: number, body: Uint8Array): Uint8Array {
    PACKET.reset()
    this.#head.write(PACKET)
    PACKET.u8(tag)
    PACKET.varint(body.length)
    const packet = new Uint8Array(PACKET.length + body.length)
    const start = PACKET.finish()
    packet.set(start)
    packet.set(body, start.length)
    this.#bandwidth?.charge(packet.length)
    return packet
  }

  #piggyback(): void {
    if (this.#silentAt !== undefined && this.#silentAt === this.#activity?.changes) return
    const most = Math.min(this.#packetBytes, this.#bandwidth?.available ?? Number.POSITIVE_INFINITY)
    const room = most - PACKET.length
    if (room < LEAST_ROOM) return
    if (this.#shares.backlog > 0) this.#shares.divide(Math.floor(room), this.#append)
    else this.#silentAt = this.#activity?.changes
  }

  /** Lets a section write, frames what it wrote, and says by how many bytes the packet grew. */
  readonly #append = (section: Section, budget: number): number => {
    const before = PACKET.length
    const most = budget - SECTION_OVERHEAD
    if (most <= 0) return 0
    BODY.reset()
    section.write(BODY, most, this.#to)
    if (BODY.length > most) throw new RangeError(`section ${section.tag} wrote more than ${most} bytes`)
    if (BODY.length > 0) this.#frame(section.tag, BODY.finish())
    return PACKET.length - before
  }

  #frame(tag: number, body: Uint8Array): void {
    PACKET.u8(tag)
    PACKET.bytes(body)
  }

  #finish(): Uint8Array {
    this.#bandwidth?.charge(PACKET.length)
    return PACKET.finish()
  }
}

/** Bytes that a section takes with its tag and length. */
function framedBytes(length: number): number {
  let bytes = 2 + length
  for (let rest = length; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++
  return bytes
}
