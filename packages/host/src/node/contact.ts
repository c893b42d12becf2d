import type { Socket } from 'node:net'
import type { Address } from '../core/identity.ts'
import { Connection, type ConnectionOwner } from './connection.ts'
import { dial, type DialListener } from './dial.ts'
import { FrameBatch } from './frame-batch.ts'
import type { Hello } from '../core/hello.ts'
import type { CloseReason, Refusal } from '../core/refusal.ts'
import type { TcpEndpoint } from './tcp-address.ts'
import type { TcpContext } from './tcp-context.ts'

/** Bytes that may wait for somebody to answer. */
const MAX_WAITING_BYTES = 1024 * 1024

/** A connection to whoever has answered at an address, ready to be taken over. */
export interface MadeContact {
  readonly connection: Connection
  readonly socket: Socket
  readonly address: Address
}

/** What a contact needs of its transport. Exactly one of the two is called, once. */
export interface ContactOwner {
  /** Somebody has answered, who is now `made.connection.peer`: takes the connection over. */
  answered(contact: Contact, made: MadeContact): void
  /** Nobody did, or nobody who may be talked to. */
  failed(contact: Contact): void
}

/**
 * A dial to an address whose owner is not known yet. Whoever answers has to belong to the cluster, and with TLS to present a certificate
 * for the id that it names; then the connection becomes that of the link to that node. Never dials twice: who contacts seeds tries again by itself.
 */
export class Contact implements ConnectionOwner, DialListener {
  /** Where. */
  readonly address: Address
  /** What waits for an answer. */
  readonly batch: FrameBatch = new FrameBatch()
  readonly #context: TcpContext
  readonly #owner: ContactOwner
  #dial: Disposable | undefined
  #socket: Socket | undefined
  #connection: Connection | undefined
  #frames = 0

  /** Nothing happens before {@link Contact.dial}. */
  constructor(context: TcpContext, address: Address, owner: ContactOwner) {
    this.#context = context
    this.address = address
    this.#owner = owner
  }

  /** Keeps a frame for whoever answers, or drops it. */
  send(prefix: Uint8Array, frame: Uint8Array): boolean {
    if (this.batch.bytes + frame.length > MAX_WAITING_BYTES) return false
    this.batch.append(prefix, frame)
    this.#frames++
    return true
  }

  /** Connects. */
  dial(endpoint: TcpEndpoint): void {
    this.#dial = dial(this.#context, endpoint, this)
  }

  /** Gives up, whatever has been reached. */
  cancel(): void {
    this.#dial?.[Symbol.dispose]()
    const connection = this.#connection
    this.#connection = undefined
    connection?.finish('closed')
    this.#drop()
  }

  connected(socket: Socket, startedMs: number): void {
    this.#socket = socket
    this.#connection = new Connection(this.#context, socket, 'out', this, startedMs)
  }

  judge(_connection: Connection, hello: Hello): Refusal | undefined {
    const own = this.#context.ownId(hello)
    if (own !== undefined) return own
    if (hello.refusal === undefined) return undefined
    return { reason: 'refused-by-peer', detail: hello.refusal }
  }

  opened(connection: Connection): void {
    if (this.#socket !== undefined) {
      this.#owner.answered(this, { connection, socket: this.#socket, address: this.address })
    }
  }

  unreachable(detail: string): void {
    this.#context.counters.connectFailures++
    const level = this.#context.isNewlyUnreachable(this.address) ? 'warn' : 'debug'
    this.#context.report('connect-failed', level, { address: this.address, detail })
    this.#fail()
  }

  refused(refusal: Refusal, connection?: Connection): void {
    // Cancelled: nobody wants to know.
    if (connection !== this.#connection) return
    this.#context.refused(refusal, 'out', { address: this.address })
    this.#fail()
  }

  /** Never called: whoever took the open connection over hears of its end. */
  closed(_connection: Connection, _reason: CloseReason): void {}

  #fail(): void {
    this.#drop()
    this.#owner.failed(this)
  }

  #drop(): void {
    this.#context.counters.framesDropped += this.#frames
    this.#frames = 0
    this.batch.clear()
  }
}
