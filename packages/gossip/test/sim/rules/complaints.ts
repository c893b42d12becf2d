import { ByteReader, type NodeId } from '@colony/host'
import type { GossipCore } from '../../../src/core/gossip-core.ts'
import { compareIncarnations } from '../../../src/core/members/incarnation.ts'
import { type MemberUpdate, readUpdate } from '../../../src/core/wire/member-update.ts'
import { PacketHead } from '../../../src/core/wire/packet-head.ts'
import { PacketParser } from '../../../src/core/wire/packet-parser.ts'
import { TAGS } from '../../../src/core/wire/tags.ts'
import type { Facts, Step, Watcher } from './facts.ts'

/** Whoever hears that it is suspected, or was declared failed, says something newer within the same step (SWIM, section 4.2), unless it is leaving. */
export class ComplaintRules implements Watcher {
  readonly #facts: Facts
  readonly #parser: PacketParser

  constructor(facts: Facts, cluster: string) {
    this.#facts = facts
    this.#parser = new PacketParser(new PacketHead(cluster))
  }

  onInput(node: NodeId, core: GossipCore, { input }: Step): void {
    if (input.type !== 'packet') return
    const own = core.members.get(node)
    if (own?.status !== 'alive') return
    for (const { status, incarnation } of this.#complaints(node, input.from, input.bytes)) {
      if (compareIncarnations(own.incarnation, incarnation) > 0) continue
      const told = `${node} heard that it is '${status}' at ${incarnation.epoch}.${incarnation.counter}`
      this.#facts.broken(
        'complaints are answered',
        `${told}, and says ${own.incarnation.epoch}.${own.incarnation.counter}`,
      )
    }
  }

  #complaints(node: NodeId, from: NodeId, bytes: Uint8Array): readonly MemberUpdate[] {
    const complaints: MemberUpdate[] = []
    this.#parser.parse(bytes, (tag, body) => {
      if (tag !== TAGS.updates) return
      const reader = new ByteReader()
      reader.reset(body)
      while (reader.remaining > 0) {
        const update = readUpdate(reader, from)
        if (update === undefined) return
        const isComplaint = update.status === 'suspect' || update.status === 'failed'
        if (update.id === node && isComplaint) complaints.push(update)
      }
    })
    return complaints
  }
}
