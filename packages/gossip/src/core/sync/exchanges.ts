import type { NodeId } from '@colony/host'
import type { CoreContext } from '../component.ts'
import type { Scope } from './digest-codec.ts'

/** How often an exchange is begun before its peer is given up. */
const MAX_TRIES = 3
/** How often in a row somebody else is asked because the one before was busy. */
const MAX_BUSY = 4

/** An exchange that this node has begun, and whose peer should answer. */
interface Exchange {
  readonly peer: NodeId
  readonly scope: Scope
  readonly until: number
  readonly tries: number
}

/** The exchange that this node has begun last: its datagrams may be lost, and its peer may have no time for it. */
export class Exchanges {
  readonly #context: CoreContext
  /** Sends the first message. */
  readonly #open: (peer: NodeId, scope: Scope) => void
  /** Called when it has come to its end. */
  readonly #compared: () => void
  #current: Exchange | undefined
  #busy = 0
  #count = 0

  constructor(context: CoreContext, open: (peer: NodeId, scope: Scope) => void, compared: () => void) {
    this.#context = context
    this.#open = open
    this.#compared = compared
  }

  /** How many were begun. */
  get count(): number {
    return this.#count
  }

  /** When the peer should have answered. */
  get deadline(): number {
    return this.#current?.until ?? Number.POSITIVE_INFINITY
  }

  /** Begins one. */
  start(peer: NodeId, scope: Scope): void {
    this.#count++
    this.#begin({ peer, scope, until: 0, tries: MAX_TRIES })
  }

  /** A datagram was lost, or there was nothing to answer: it is begun again, a few times. */
  tick(): void {
    const exchange = this.#current
    this.#current = undefined
    if (exchange === undefined || exchange.tries <= 1) return
    if (this.#context.members.isPresent(exchange.peer))
      this.#begin({ ...exchange, tries: exchange.tries - 1 })
  }

  /** The peer has answered; `more`: it was asked for something and will answer again. */
  progress(from: NodeId, more: boolean): void {
    if (from !== this.#current?.peer) return
    if (more) {
      this.#await(this.#current)
      return
    }
    this.#current = undefined
    this.#compared()
  }

  /** The peer has no time: somebody else is asked, a few times. */
  refused(peer: NodeId): void {
    if (this.#current?.peer === peer) this.#current = undefined
    if (this.#busy >= MAX_BUSY) return
    const [other] = this.#context.members.pick(1, (id) => id === peer)
    if (other === undefined) return
    this.#busy++
    this.start(other, 'all')
  }

  /** Another node knows the same: whoever was busy is forgotten. */
  agreed(): void {
    this.#busy = 0
  }

  #begin(exchange: Exchange): void {
    this.#await(exchange)
    this.#open(exchange.peer, exchange.scope)
  }

  #await(exchange: Exchange): void {
    this.#current = { ...exchange, until: this.#context.now + this.#context.timing.probeTimeoutMs }
  }
}
