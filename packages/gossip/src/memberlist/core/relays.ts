import { formatEndpoint } from '../wire/address.ts'
import type { IndirectPing } from '../wire/messages.ts'
import type { MemberlistContext, Timed } from './context.ts'

/** A ping on behalf of somebody else. */
interface Relay {
  readonly askerSeq: number
  readonly asker: string
  readonly nackAt: number
  readonly wantsNack: boolean
}

/** Most pings on behalf of others at a time. */
const MAX_RELAYS = 1024
/** When the nack is sent, as part of the probe's timeout: late enough for an answer, early enough that it is still waited for (Lifeguard, section IV-A: 80 %). */
const NACK_AFTER = 0.8

/** Pings members on behalf of those who get no answer of them. */
export class Relays implements Timed {
  readonly #context: MemberlistContext
  readonly #relays = new Map<number, Relay>()

  constructor(context: MemberlistContext) {
    this.#context = context
  }

  /** When the next one is given up. All take equally long, so the oldest is the first. */
  get deadline(): number {
    for (const { nackAt } of this.#relays.values()) return nackAt
    return Infinity
  }

  tick(): void {
    for (const [seq, relay] of this.#relays) {
      if (relay.nackAt > this.#context.now) return
      this.#relays.delete(seq)
      if (relay.wantsNack) this.#context.send(relay.asker, { type: 'nack', seq: relay.askerSeq })
    }
  }

  /** Asks a member, under the number `seq`, for whoever is at `asker`. Only members are asked, where they are known to be: anybody else's address would make this node a relay for anything. */
  start(message: IndirectPing, asker: string, seq: number): void {
    const { members, now, timing, self } = this.#context
    const target = members.get(message.node)
    if (target === undefined || target.endpoint !== formatEndpoint(message.ip, message.port)) {
      this.#context.count('unknown-target')
      return
    }
    if (this.#relays.size >= MAX_RELAYS) {
      this.#context.count('too-many-relays')
      return
    }
    const nackAt = now + NACK_AFTER * timing.probeTimeoutMs
    this.#relays.set(seq, { askerSeq: message.seq, asker, nackAt, wantsNack: message.nack })
    const me = members.get(self)
    const source = me && { ip: me.ip, port: me.port, name: self }
    this.#context.send(target.endpoint, { type: 'ping', seq, node: target.name, ...(source && { source }) })
  }

  /** An ack came. Whether it was for a relay. */
  acknowledged(seq: number): boolean {
    const relay = this.#relays.get(seq)
    if (relay === undefined) return false
    this.#relays.delete(seq)
    this.#context.send(relay.asker, { type: 'ack', seq: relay.askerSeq, payload: new Uint8Array(0) })
    return true
  }
}
