import { encodeMessage } from '../wire/message-writer.ts'
import type { PacketMessage, Ping, Suspect } from '../wire/messages.ts'
import type { MemberlistContext, Timed } from './context.ts'
import type { LocalHealth } from './health.ts'
import { isPresent, type MemberRecord } from './member-table.ts'

/** Protocol versions from which on a peer answers pings by stream, and sends nacks. */
const STREAM_PING_VERSION = 3
const NACK_VERSION = 4

/** The probe under way; there is one at a time. */
interface Probe {
  readonly seq: number
  readonly target: MemberRecord
  readonly sentAt: number
  /** When others are asked; `Infinity` once they were. */
  askAt: number
  /** When it has failed. */
  readonly failsAt: number
  nacksWanted: number
  nacks: number
}

/** What a probe that failed leads to. */
export interface Accuser {
  suspect(message: Suspect): void
}

/** Asks one member after the other whether it is there: directly, then through others and by stream at once (SWIM, section 3; Lifeguard). */
export class Probing implements Timed {
  readonly #context: MemberlistContext
  readonly #health: LocalHealth
  readonly #accuser: Accuser
  readonly #nextSeq: () => number
  #probe: Probe | undefined
  #next: number

  constructor(context: MemberlistContext, health: LocalHealth, accuser: Accuser, nextSeq: () => number) {
    this.#context = context
    this.#health = health
    this.#accuser = accuser
    this.#nextSeq = nextSeq
    // Nodes that start together should not probe together.
    this.#next = context.now + context.random.float() * context.timing.probeIntervalMs
  }

  get deadline(): number {
    const probe = this.#probe
    return probe === undefined ? this.#next : Math.min(probe.askAt, probe.failsAt)
  }

  tick(): void {
    const { now } = this.#context
    const probe = this.#probe
    if (probe === undefined) this.#start()
    else if (probe.failsAt <= now) this.#fail(probe)
    else if (probe.askAt <= now) this.#askOthers(probe)
  }

  /** An ack came. Whether it was for the probe under way. */
  acknowledged(seq: number): boolean {
    const probe = this.#probe
    if (probe?.seq !== seq) return false
    this.#probe = undefined
    this.#health.change(-1)
    return true
  }

  /** Somebody who was asked got no answer either, but this node hears him. */
  nacked(seq: number): void {
    if (this.#probe?.seq === seq) this.#probe.nacks++
  }

  #start(): void {
    const { now, timing, members, self } = this.#context
    this.#next = now + timing.probeIntervalMs
    const target = members.nextToProbe((record) => record.name !== self && isPresent(record))
    if (target === undefined) return
    const seq = this.#nextSeq()
    const failsAt = now + this.#health.scale(timing.probeIntervalMs)
    const askAt = now + timing.probeTimeoutMs
    this.#probe = { seq, target, sentAt: now, askAt, failsAt, nacksWanted: 0, nacks: 0 }
    const messages: PacketMessage[] = [this.#ping(seq, target.name)]
    // Who is suspected learns it from the ping itself, and can refute at once (Lifeguard's buddy system).
    if (target.state === 'suspect') messages.push(this.#accusation(target))
    this.#context.send(target.endpoint, ...messages)
  }

  #askOthers(probe: Probe): void {
    const { members, timing, self } = this.#context
    probe.askAt = Infinity
    const { target, seq } = probe
    const helpers = members.pick(timing.indirectProbes, (record) => {
      return record.name !== self && record !== target && record.state === 'alive'
    })
    const source = this.#source()
    for (const helper of helpers) {
      const nack = (helper.versions[1] ?? 0) >= NACK_VERSION
      if (nack) probe.nacksWanted++
      const { ip, port, name: node } = target
      this.#context.send(helper.endpoint, { type: 'indirectPing', seq, ip, port, node, nack, ...source })
    }
    this.#askByStream(probe)
  }

  /** Where only datagrams are lost, a member that answers by stream lives. */
  #askByStream(probe: Probe): void {
    const { target, seq, failsAt } = probe
    if ((target.versions[1] ?? 0) < STREAM_PING_VERSION) return
    const timeoutMs = failsAt - this.#context.now
    const ping = encodeMessage(this.#ping(seq, target.name))
    this.#context.exchange(target.endpoint, ping, timeoutMs, (answer) => {
      if (answer?.type === 'ack' && answer.seq === seq && this.acknowledged(seq)) {
        this.#context.count('stream-ack')
      }
    })
  }

  #fail(probe: Probe): void {
    this.#probe = undefined
    const { target, nacksWanted, nacks } = probe
    // Those who should have said no, and were not heard either, speak against this node and not against the target.
    this.#health.change(nacksWanted > 0 ? Math.max(0, nacksWanted - nacks) : 1)
    this.#context.count('probe-failed')
    if (isPresent(target)) this.#accuser.suspect(this.#accusation(target))
    if (this.#next <= this.#context.now) this.#start()
  }

  #ping(seq: number, node: string): Ping {
    return { type: 'ping', seq, node, ...this.#source() }
  }

  #source(): Pick<Ping, 'source'> {
    const { members, self } = this.#context
    const me = members.get(self)
    return me === undefined ? {} : { source: { ip: me.ip, port: me.port, name: self } }
  }

  #accusation({ name, incarnation }: MemberRecord): Suspect {
    return { type: 'suspect', incarnation, node: name, from: this.#context.self }
  }
}
