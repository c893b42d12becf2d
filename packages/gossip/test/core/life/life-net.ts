import { ByteWriter, createRandom, type NodeId, type Random } from '@colony/host'
import type { CoreEvent } from '../../../src/core/core-event.ts'
import { GossipCore } from '../../../src/core/gossip-core.ts'
import type { CoreInput, CoreSend } from '../../../src/core/input.ts'
import type { CoreOptions } from '../../../src/core/options.ts'
import { timingOf } from '../../../src/core/profiles.ts'
import { writeUpdate } from '../../../src/core/wire/member-update.ts'
import { PacketComposer } from '../../../src/core/wire/packet-composer.ts'
import { TAGS } from '../../../src/core/wire/tags.ts'

const LATENCY_MS = 1
/** More than this in one simulated millisecond is a loop. */
const MAX_TICKS = 100_000

export interface NetNode {
  readonly id: NodeId
  readonly core: GossipCore
  readonly events: (CoreEvent & { readonly at: number })[]
  deadline: number
  running: boolean
  packets: number
  bytes: number
  /** Whose addresses its transport knows: of whom it heard that they joined. */
  readonly book: Set<NodeId>
}

interface Flight {
  readonly at: number
  readonly from: NodeId
  readonly to: NodeId
  readonly send: CoreSend
}

/** A handful to a thousand cores on a simulated network with one millisecond of latency; the address of a node is its id with a scheme in front. */
export class LifeNet {
  readonly nodes = new Map<NodeId, NetNode>()
  readonly #random: Random
  /** In the order of their arrival: all take the same time. */
  readonly #flights: Flight[] = []
  now = 0
  /** A thousand nodes have a million joins to tell. */
  keepsEvents = true
  /** Whether a packet from one to the other is lost. */
  lost: (from: NodeId, to: NodeId) => boolean = () => false

  /** Sees every packet that is sent. */
  watch: ((from: NodeId, to: NodeId, bytes: Uint8Array) => void) | undefined

  constructor(seed: number | string) {
    this.#random = createRandom(seed)
  }

  start(id: NodeId, options: Partial<CoreOptions> = {}): NetNode {
    const core = new GossipCore(
      {
        id,
        address: `net://${id}`,
        cluster: 'test',
        epoch: 1 + Math.floor(this.now),
        random: this.#random.fork(`${id}/${this.now}`),
        timing: timingOf('lan'),
        ...options,
      },
      this.now,
    )
    const node = {
      id,
      core,
      events: [],
      deadline: this.now,
      running: true,
      packets: 0,
      bytes: 0,
      book: new Set<NodeId>(),
    }
    this.nodes.set(id, node)
    return node
  }

  node(id: NodeId): NetNode {
    const node = this.nodes.get(id)
    if (node === undefined) throw new Error(`no node ${id}`)
    return node
  }

  stop(id: NodeId): void {
    this.node(id).running = false
  }

  step(node: NetNode, input: CoreInput): void {
    const outputs = node.core.step(this.now, input)
    for (const event of outputs.events) {
      if (event.type === 'join' || event.type === 'move') node.book.add(event.member.id)
      else if (event.type === 'forget') node.book.delete(event.member.id)
    }
    if (this.keepsEvents) for (const event of outputs.events) node.events.push({ ...event, at: this.now })
    for (const send of outputs.sends) this.#send(node, send)
    node.deadline = outputs.deadline
  }

  /** Lets `ms` milliseconds pass; stops early as soon as `until` holds after something happened. Whether it did. */
  run(ms: number, until?: () => boolean): boolean {
    const end = this.now + ms
    for (;;) {
      const next = this.#nextAt()
      if (next > end) break
      this.now = Math.max(this.now, next)
      this.#runOne()
      if (until?.()) return true
    }
    this.now = end
    return false
  }

  /** Makes a node believe that others have failed, as if it had been told by `teller`. */
  declareFailed(observer: NodeId, teller: NodeId, failed: readonly NodeId[]): void {
    const node = this.node(observer)
    const writer = new ByteWriter()
    for (const id of failed) {
      const member = node.core.members.get(id)
      if (member)
        writeUpdate(writer, { ...member, status: 'failed', address: '', zone: '', accuser: teller }, teller)
    }
    this.tell(observer, teller, TAGS.updates, writer.finish())
  }

  /** Gives a node a section, as if `from` had sent it. */
  tell(to: NodeId, from: NodeId, tag: number, body: Uint8Array): void {
    const composer = new PacketComposer({
      cluster: 'test',
      packetBytes: 60_000,
      streamBytes: 60_000,
      classes: [],
    })
    const bytes = composer.compose(to, tag, body, 'stream')
    if (bytes) this.step(this.node(to), { type: 'packet', from, bytes, path: 'stream' })
  }

  /** How many of the running nodes see exactly so many members. */
  seeing(size: number): number {
    let seeing = 0
    for (const { core, running } of this.nodes.values()) if (running && core.members.size === size) seeing++
    return seeing
  }

  #nextAt(): number {
    let next = this.#flights[0]?.at ?? Number.POSITIVE_INFINITY
    for (const { deadline, running } of this.nodes.values()) if (running && deadline < next) next = deadline
    return Math.ceil(next)
  }

  /** All that happens in one millisecond. */
  #runOne(): void {
    let arrived = 0
    while ((this.#flights[arrived]?.at ?? Number.POSITIVE_INFINITY) <= this.now) {
      const { from, to, send } = this.#flights[arrived++] as Flight
      const target = this.nodes.get(to)
      if (!target?.running || this.lost(from, to)) continue
      this.step(target, { type: 'packet', from, bytes: send.bytes, path: send.path })
    }
    this.#flights.splice(0, arrived)
    let ticks = 0
    for (const node of this.nodes.values()) {
      while (node.running && node.deadline <= this.now) {
        this.step(node, { type: 'tick' })
        if (++ticks > MAX_TICKS) throw new Error(`${node.id} ticks without end`)
      }
    }
  }

  #send(node: NetNode, send: CoreSend): void {
    node.packets++
    node.bytes += send.bytes.length
    if ('to' in send && !node.book.has(send.to)) return
    const to = 'to' in send ? send.to : send.at.slice('net://'.length)
    this.watch?.(node.id, to, send.bytes)
    this.#flights.push({ at: this.now + LATENCY_MS, from: node.id, to, send })
  }
}
