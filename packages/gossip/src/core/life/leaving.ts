import { type ByteReader, type NodeId } from '@colony/host'
import type { Component, CoreContext, Section } from '../component.ts'
import { compareIncarnations, MAX_COUNTER, MAX_EPOCH } from '../members/incarnation.ts'
import type { MemberRegister } from '../members/membership-parts.ts'
import { type MemberUpdate, readUpdate, writeUpdate } from '../wire/member-update.ts'
import { SCRATCH } from '../wire/scratch.ts'
import { TAGS } from '../wire/tags.ts'
import { directSection } from './joining.ts'

/** More members are told than must acknowledge, in case some are slow. */
const SPARE = 2

/**
 * Leaving: the goodbye goes to some members directly until enough have acknowledged it, and as news to all. A member that has left is not taken for failed by anybody, and nobody is
 * accused of anything.
 */
export class Leaving implements Component {
  readonly leaveSection: Section
  readonly ackSection: Section
  readonly #context: CoreContext
  readonly #register: MemberRegister
  readonly #acknowledged = new Set<NodeId>()
  #stage: 'present' | 'leaving' | 'left' = 'present'
  #goodbye: MemberUpdate | undefined
  #wanted = 0
  #endsAt = Number.POSITIVE_INFINITY
  #deadline = Number.POSITIVE_INFINITY

  constructor(context: CoreContext, register: MemberRegister) {
    this.#context = context
    this.#register = register
    this.leaveSection = directSection(TAGS.leave, (reader, from) => this.#readLeave(reader, from))
    this.ackSection = directSection(TAGS.leaveAck, (reader, from) => this.#readAck(reader, from))
  }

  get deadline(): number {
    return this.#deadline
  }

  /** Whether this node is here, saying goodbye, or gone. */
  get stage(): 'present' | 'leaving' | 'left' {
    return this.#stage
  }

  /** Says goodbye; the `left` event follows when so many members have acknowledged it, when there are no more of them, or after `timeoutMs`. */
  leave(acknowledgements: number, timeoutMs: number): void {
    if (this.#stage !== 'present') {
      if (this.#stage === 'left') this.#tellLeft()
      return
    }
    this.#stage = 'leaving'
    this.#goodbye = this.#register.speakAnew({ status: 'left' })
    this.#wanted = acknowledgements
    this.#endsAt = this.#context.now + timeoutMs
    this.tick()
  }

  /** Others have declared this node gone: it is, without a goodbye. */
  removed(): void {
    this.#stage = 'left'
    this.#deadline = Number.POSITIVE_INFINITY
  }

  tick(): void {
    const { now, timing, members } = this.#context
    this.#deadline = Number.POSITIVE_INFINITY
    if (this.#stage !== 'leaving') return
    const missing = this.#wanted - this.#acknowledged.size
    const peers = missing > 0 ? members.pick(missing + SPARE, (id) => this.#acknowledged.has(id)) : []
    if (peers.length === 0 || now >= this.#endsAt) {
      this.#stage = 'left'
      this.#tellLeft()
      return
    }
    for (const peer of peers) this.#sayGoodbye(peer)
    this.#deadline = Math.min(this.#endsAt, now + timing.probeTimeoutMs)
  }

  #sayGoodbye(to: NodeId): void {
    if (this.#goodbye === undefined) return
    writeUpdate(SCRATCH, this.#goodbye, this.#context.self)
    this.#context.send(to, TAGS.leave, SCRATCH.finish())
  }

  #tellLeft(): void {
    this.#context.emit({ type: 'left', acknowledged: this.#acknowledged.size })
  }

  #readLeave(reader: ByteReader, from: NodeId): void {
    const goodbye = readUpdate(reader, from)
    reader.end()
    if (reader.failed || goodbye === undefined || goodbye.id !== from || goodbye.status !== 'left') {
      this.#context.drop('malformed-leave')
      return
    }
    this.#register.apply(goodbye, 'gossip', from)
    SCRATCH.varint(goodbye.incarnation.epoch)
    SCRATCH.varint(goodbye.incarnation.counter)
    this.#context.send(from, TAGS.leaveAck, SCRATCH.finish())
  }

  #readAck(reader: ByteReader, from: NodeId): void {
    const incarnation = { epoch: reader.count(MAX_EPOCH), counter: reader.count(MAX_COUNTER) }
    reader.end()
    if (reader.failed) this.#context.drop('malformed-leave-ack')
    const goodbye = this.#goodbye
    if (reader.failed || goodbye === undefined || this.#stage !== 'leaving') return
    if (compareIncarnations(incarnation, goodbye.incarnation) !== 0) return
    this.#acknowledged.add(from)
    const most = this.#context.members.size - 1
    if (this.#acknowledged.size >= Math.min(this.#wanted, most)) this.#deadline = this.#context.now
  }
}
