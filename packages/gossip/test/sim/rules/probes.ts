import { ByteReader, type NodeId } from '@colony/host'
import { type Ack, readAck, readPing } from '../../../src/core/detection/probe-messages.ts'
import type { GossipCore } from '../../../src/core/gossip-core.ts'
import { PacketHead } from '../../../src/core/wire/packet-head.ts'
import { PacketParser } from '../../../src/core/wire/packet-parser.ts'
import { TAGS } from '../../../src/core/wire/tags.ts'
import type { Facts, Step, Watcher } from './facts.ts'

interface Probe {
  readonly target: NodeId
  readonly sequence: number
}

interface Counts {
  readonly probes: number
  readonly acks: number
}

/**
 * A probe is answered by its own answer: one with its number, of its target or passed on by a helper (SWIM, section 3.1). What answers an earlier probe says nothing of the member that is probed now.
 * Only of nodes that probe one member at a time.
 */
export class ProbeRules implements Watcher {
  readonly #facts: Facts
  readonly #parser: PacketParser
  readonly #reader = new ByteReader()
  readonly #counts = new Map<NodeId, Counts>()
  /** The latest probe that each node began. */
  readonly #latest = new Map<NodeId, Probe>()

  constructor(facts: Facts, cluster: string) {
    this.#facts = facts
    this.#parser = new PacketParser(new PacketHead(cluster))
  }

  onBoot(node: NodeId): void {
    this.#counts.set(node, { probes: 0, acks: 0 })
    this.#latest.delete(node)
  }

  onInput(node: NodeId, { counters }: GossipCore, step: Step): void {
    const { probes, acks } = counters
    const before = this.#counts.get(node)
    if (before === undefined || (probes === before.probes && acks === before.acks)) return
    this.#counts.set(node, { probes, acks })
    if (acks > before.acks) this.#answered(node, step)
    if (probes > before.probes) this.#began(node, step)
  }

  #answered(node: NodeId, { input }: Step): void {
    const probe = this.#latest.get(node)
    if (input.type !== 'packet' || probe === undefined) return
    const own = this.#acks(input.bytes).some(
      (ack) => ack.sequence === probe.sequence && (ack.byHelper || input.from === probe.target),
    )
    if (!own)
      this.#facts.broken(
        'probes are answered by their own answers',
        `${node} probes ${probe.target}, and took an answer to another probe, from ${input.from}, for one`,
      )
  }

  #began(node: NodeId, { outputs }: Step): void {
    for (const send of outputs.sends) {
      if (!('to' in send) || send.path !== 'datagram') continue
      this.#parser.parse(send.bytes, (tag, body) => {
        if (tag !== TAGS.ping) return
        this.#reader.reset(body)
        this.#latest.set(node, { target: send.to, sequence: readPing(this.#reader).sequence })
      })
    }
  }

  #acks(packet: Uint8Array): readonly Ack[] {
    const acks: Ack[] = []
    this.#parser.parse(packet, (tag, body) => {
      if (tag !== TAGS.ack) return
      this.#reader.reset(body)
      acks.push(readAck(this.#reader))
    })
    return acks
  }
}
