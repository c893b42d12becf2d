import { ByteWriter, createRandom, type NodeId } from '@colony/host'
import type { Path } from '../../src/core/component.ts'
import type { CoreEvent } from '../../src/core/core-event.ts'
import { GossipCore } from '../../src/core/gossip-core.ts'
import type { CoreInput } from '../../src/core/input.ts'
import type { MemberStatus } from '../../src/core/members/member.ts'
import type { CoreOptions } from '../../src/core/options.ts'
import { timingOf } from '../../src/core/profiles.ts'
import { type MemberUpdate, writeUpdate } from '../../src/core/wire/member-update.ts'
import { PacketHead } from '../../src/core/wire/packet-head.ts'
import { PacketParser } from '../../src/core/wire/packet-parser.ts'
import { TAGS } from '../../src/core/wire/tags.ts'

/** A section that the core sent. */
export interface SentSection {
  readonly to: NodeId
  readonly tag: number
  readonly body: Uint8Array
  readonly path: Path
}

const head = new PacketHead('test')

/** A packet of the cluster `test` with these sections. */
export function packetOf(...sections: readonly (readonly [tag: number, body: Uint8Array])[]): Uint8Array {
  const writer = new ByteWriter()
  head.write(writer)
  for (const [tag, body] of sections) {
    writer.u8(tag)
    writer.bytes(body)
  }
  return writer.finish()
}

/** News of a member, at its epoch 1 unless said otherwise; its address is `at-<id>`. */
export function news(
  id: NodeId,
  status: MemberStatus,
  counter = 0,
  more: Partial<MemberUpdate> & { readonly epoch?: number } = {},
): MemberUpdate {
  const { epoch = 1, ...rest } = more
  const address = status === 'alive' ? `at-${id}` : ''
  return { id, status, incarnation: { epoch, counter }, address, zone: '', accuser: id, ...rest }
}

/** One core, `me`, whose peers are played by a test. */
export class OneCore {
  readonly core: GossipCore
  now = 0
  sent: SentSection[] = []
  events: CoreEvent[] = []
  readonly #parser = new PacketParser(head)

  constructor(options: Partial<CoreOptions> = {}) {
    this.core = new GossipCore(
      {
        id: 'me',
        address: 'at-me',
        cluster: 'test',
        epoch: 1,
        random: createRandom(1),
        timing: timingOf('lan'),
        ...options,
      },
      0,
    )
  }

  /** Gives it an input. */
  step(input: CoreInput): void {
    const { sends, events } = this.core.step(this.now, input)
    this.events.push(...events)
    for (const send of sends) {
      const to = 'to' in send ? send.to : send.at
      this.#parser.parse(send.bytes, (tag, body) => this.sent.push({ to, tag, body, path: send.path }))
    }
  }

  /** A packet with one section comes. */
  hear(from: NodeId, tag: number, body: Uint8Array): void {
    this.step({ type: 'packet', from, bytes: packetOf([tag, body]), path: 'datagram' })
  }

  /** News comes from `from`. */
  hearNews(from: NodeId, ...updates: readonly MemberUpdate[]): void {
    const writer = new ByteWriter()
    for (const update of updates) writeUpdate(writer, update, from)
    this.hear(from, TAGS.updates, writer.finish())
  }

  /** Members join, by their own words. */
  meet(...ids: readonly NodeId[]): void {
    for (const id of ids) this.hearNews(id, news(id, 'alive'))
  }

  /** Time passes, with every tick that is wanted meanwhile. */
  wait(ms: number): void {
    const end = this.now + ms
    while (this.core.deadline <= end) {
      this.now = Math.max(this.now, this.core.deadline)
      this.step({ type: 'tick' })
    }
    this.now = end
  }

  /** Time passes until it sends a section of this kind; the section. */
  waitFor(tag: number, to?: NodeId): SentSection {
    for (let ticks = 0; ticks < 10_000; ticks++) {
      const found = this.take(tag, to)
      if (found !== undefined) return found
      this.now = Math.max(this.now, this.core.deadline)
      this.step({ type: 'tick' })
    }
    throw new Error(`section ${tag} was not sent`)
  }

  /** Takes the first section of this kind from what was sent. */
  take(tag: number, to?: NodeId): SentSection | undefined {
    const place = this.sent.findIndex(
      (section) => section.tag === tag && (to === undefined || section.to === to),
    )
    return place < 0 ? undefined : this.sent.splice(place, 1)[0]
  }

  status(id: NodeId): MemberStatus | undefined {
    return this.core.member(id)?.status
  }

  /** Types of the events about a member since the last call. */
  told(id: NodeId): string[] {
    const about = this.events.filter((event) =>
      'member' in event ? event.member.id === id : 'id' in event && event.id === id,
    )
    this.events = this.events.filter((event) => !about.includes(event))
    return about.map((event) => event.type)
  }
}
