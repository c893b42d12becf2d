import type { Random } from '@colony/host'
import { formatEndpoint, type Endpoint } from '../wire/address.ts'
import { encodeMessage } from '../wire/message-writer.ts'
import type { PacketMessage, Ping, Source, StreamMessage } from '../wire/messages.ts'
import { type PacketProblem, readPacket } from '../wire/packet.ts'
import type { MemberlistContext, MemberlistDelegate, Timed } from './context.ts'
import { Exchanging } from './exchanging.ts'
import { Forgetting } from './forgetting.ts'
import { Gossiping } from './gossiping.ts'
import { LocalHealth } from './health.ts'
import type { Exchange, MemberlistInput, MemberlistOutputs } from './input.ts'
import { type MemberRecord, MemberTable } from './member-table.ts'
import { Membership } from './membership.ts'
import { Probing } from './probing.ts'
import { hasCompany, Reaching } from './reaching.ts'
import { Relays } from './relays.ts'
import { RetransmitQueue } from './retransmit-queue.ts'
import type { MemberlistTiming } from './timing.ts'

/** What a core is made with. */
export interface MemberlistCoreOptions {
  readonly name: string
  /** Where others reach this node. */
  readonly endpoint: Endpoint
  /** Where to begin to count: higher than in this node's former life where that is known, so that its death is not believed. */
  readonly incarnation: number
  readonly timing: MemberlistTiming
  readonly random: Random
  /** Most bytes of a packet before encryption and label. */
  readonly packetBytes: number
  /** Most members that are known at a time. */
  readonly maxMembers: number
  /** Most bytes of news that wait to be spread. */
  readonly queueBytes: number
  /** What the delegate spreads, most urgent first. */
  readonly queues: readonly RetransmitQueue[]
}

/** Most exchanges of ours under way. */
const MAX_EXCHANGES = 64

interface MutableOutputs extends MemberlistOutputs {
  readonly packets: { to: string; bytes: Uint8Array }[]
  readonly exchanges: Exchange[]
  readonly replies: { id: number; bytes: Uint8Array }[]
  readonly joined: string[]
  left: boolean
  deadline: number
}

/**
 * The memberlist protocol as a pure state machine. What it says with `send` are packets; streams are one message each way. Its parts are
 * {@link Membership} (the rules), {@link Probing} and {@link Relays} (who answers), {@link Gossiping} (news), {@link Exchanging} (everything) and {@link Reaching}
 * (who is not there).
 */
export class MemberlistCore implements MemberlistContext {
  readonly self: string
  readonly random: Random
  readonly timing: MemberlistTiming
  readonly members: MemberTable
  readonly delegate: MemberlistDelegate
  /** How often what happened, most of it that something of a peer's was ignored. */
  readonly counts: Map<string, number> = new Map()
  now: number

  readonly #health = new LocalHealth()
  readonly #membership: Membership
  readonly #probing: Probing
  readonly #relays: Relays
  readonly #gossiping: Gossiping
  readonly #exchanging: Exchanging
  readonly #reaching: Reaching
  readonly #parts: readonly Timed[]
  readonly #waiting = new Map<number, (answer: StreamMessage | undefined) => void>()
  readonly #outputs: MutableOutputs
  #seq: number
  #nextExchange = 1
  #from = ''
  #leaving = false

  constructor(
    options: MemberlistCoreOptions,
    makeDelegate: (core: MemberlistCore) => MemberlistDelegate,
    now: number,
  ) {
    const { name, timing, random, queueBytes, queues, packetBytes } = options
    this.self = name
    this.now = now
    this.timing = timing
    this.random = random.fork('memberlist')
    this.members = new MemberTable(random.fork('members'))
    this.#outputs = {
      packets: [],
      exchanges: [],
      replies: [],
      joined: [],
      left: false,
      deadline: now,
    }
    // An acknowledgement can be forged by whoever knows the number of the ping: not by one who merely guesses that it is 1.
    this.#seq = this.random.integer(0, 0x7fff_ffff)
    this.delegate = this.#watched(makeDelegate(this))
    const news = new RetransmitQueue(queueBytes)
    this.#membership = new Membership(this, news, this.#health, options)
    this.#gossiping = new Gossiping(this, news, queues, packetBytes, (to, bytes) => {
      this.#outputs.packets.push({ to, bytes })
    })
    this.#probing = new Probing(this, this.#health, this.#membership, () => this.#takeSeq())
    this.#relays = new Relays(this)
    this.#exchanging = new Exchanging(this, this.#membership)
    this.#reaching = new Reaching(this, this.#exchanging, (seed) => {
      this.#outputs.joined.push(seed)
      this.delegate.reached(seed)
    })
    this.#parts = [
      this.#membership,
      this.#probing,
      this.#relays,
      this.#exchanging,
      this.#reaching,
      new Forgetting(this),
      this.delegate,
      this.#gossiping,
    ]
  }

  /** This node as others see it. */
  get me(): MemberRecord {
    return this.#membership.self
  }

  /** 0 is well, 7 is worst: how well this node hears others. */
  get healthScore(): number {
    return this.#health.score
  }

  /** What happens, and what is to be done about it. */
  step(now: number, input: MemberlistInput): MemberlistOutputs {
    this.now = now
    const outputs = this.#outputs
    outputs.packets.length = 0
    outputs.exchanges.length = 0
    outputs.replies.length = 0
    outputs.joined.length = 0
    this.#take(input)
    outputs.deadline = this.#deadline()
    return outputs
  }

  /** @inheritdoc */
  send(to: string, ...messages: readonly PacketMessage[]): void {
    this.#gossiping.send(to, messages)
  }

  /** @inheritdoc */
  exchange(
    to: string,
    bytes: Uint8Array,
    timeoutMs: number,
    settled: (answer: StreamMessage | undefined) => void,
  ): void {
    if (this.#waiting.size >= MAX_EXCHANGES || timeoutMs <= 0) {
      this.count('too-many-exchanges')
      return
    }
    const id = this.#nextExchange++
    this.#waiting.set(id, settled)
    this.#outputs.exchanges.push({ id, to, bytes, timeoutMs })
  }

  /** @inheritdoc */
  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1)
  }

  /** A member that failed was said to have left: nobody looks for it any more. */
  giveUp(name: string): void {
    this.#reaching.found(name)
  }

  /** The delegate's meta data changed, within a step: this node says it with a new incarnation. */
  renew(): void {
    this.#membership.renew()
  }

  #take(input: MemberlistInput): void {
    switch (input.type) {
      case 'tick':
        for (const part of this.#parts) if (part.deadline <= this.now) part.tick()
        break
      case 'packet':
        this.#from = input.from
        readPacket(input.bytes, this.#visitor)
        break
      case 'request':
        this.#request(input.id, input.message)
        break
      case 'answer': {
        const settled = this.#waiting.get(input.id)
        this.#waiting.delete(input.id)
        settled?.(input.message)
        break
      }
      case 'join':
        this.#reaching.join(input.seeds)
        break
      case 'within':
        input.task()
        break
      case 'leave':
        this.leave()
        break
      default:
        input satisfies never
    }
  }

  readonly #visitor = {
    message: (message: PacketMessage): void => this.#message(message),
    problem: (problem: PacketProblem): void => this.count(problem),
  }

  #message(message: PacketMessage): void {
    switch (message.type) {
      case 'ping':
        this.#ping(message)
        break
      case 'indirectPing':
        this.#relays.start(message, this.#replyTo(message.source), this.#takeSeq())
        break
      case 'ack':
        if (!this.#probing.acknowledged(message.seq) && !this.#relays.acknowledged(message.seq)) {
          this.count('late-ack')
        }
        break
      case 'nack':
        this.#probing.nacked(message.seq)
        break
      case 'suspect':
        this.#membership.suspect(message)
        break
      case 'alive':
        this.#membership.alive(message)
        break
      case 'dead':
        this.#membership.dead(message)
        break
      case 'user':
        this.delegate.userMessage(message.bytes)
        break
      default:
        message satisfies never
    }
  }

  #ping({ node, seq, source }: Ping): void {
    if (node !== '' && node !== this.self) {
      this.count('ping-for-another')
      return
    }
    this.send(this.#replyTo(source), { type: 'ack', seq, payload: new Uint8Array(0) })
  }

  /** A sender may say where to answer; but only where a member is known to listen, or any datagram could make this node send to anybody. */
  #replyTo(source: Source | undefined): string {
    const endpoint = source && formatEndpoint(source.ip, source.port)
    return endpoint !== undefined && this.members.at(endpoint) !== undefined ? endpoint : this.#from
  }

  #request(id: number, message: StreamMessage): void {
    const { replies } = this.#outputs
    if (message.type === 'pushPull') {
      replies.push({ id, bytes: this.#exchanging.answer(message) })
    } else if (message.type === 'ping') {
      if (message.node !== '' && message.node !== this.self) {
        this.count('ping-for-another')
        return
      }
      const payload = new Uint8Array(0)
      replies.push({ id, bytes: encodeMessage({ type: 'ack', seq: message.seq, payload }) })
    } else if (message.type === 'user') {
      this.delegate.userMessage(message.bytes)
    } else {
      this.count('malformed')
    }
  }

  /** Says goodbye, within a step: nothing is refuted any more. */
  leave(): void {
    if (this.#leaving) return
    this.#leaving = true
    this.#reaching.stop()
    const done = (): void => {
      this.#outputs.left = true
    }
    this.#membership.leave(done)
    if (!hasCompany(this)) done()
  }

  /** What the protocol itself does about news, before its delegate hears it. */
  #watched(delegate: MemberlistDelegate): MemberlistDelegate {
    const joined = (member: MemberRecord): void => {
      this.#reaching.found(member.name)
      delegate.joined(member)
    }
    const gone = (member: MemberRecord): void => {
      if (member.state === 'dead') this.#reaching.lost(member.name, member.endpoint)
      delegate.gone(member)
      if (!hasCompany(this)) this.#reaching.alone()
    }
    return {
      get deadline(): number {
        return delegate.deadline
      },
      tick: () => delegate.tick(),
      versions: delegate.versions,
      meta: () => delegate.meta(),
      localState: (join) => delegate.localState(join),
      mergeState: (state, join) => delegate.mergeState(state, join),
      userMessage: (bytes) => delegate.userMessage(bytes),
      reached: (seed) => delegate.reached(seed),
      joined,
      updated: (member) => delegate.updated(member),
      suspected: (member, from) => delegate.suspected(member, from),
      recovered: (member) => delegate.recovered(member),
      gone,
      conflict: (member, endpoint) => delegate.conflict(member, endpoint),
      admit: (name, endpoint, meta) => delegate.admit(name, endpoint, meta),
    }
  }

  #takeSeq(): number {
    this.#seq = (this.#seq + 1) >>> 0
    return this.#seq
  }

  #deadline(): number {
    let earliest = Infinity
    for (const part of this.#parts) earliest = Math.min(earliest, part.deadline)
    return earliest
  }
}
