import type { Address } from '../core/identity.ts'
import { Contact, type ContactOwner, type MadeContact } from './contact.ts'
import { parseTcpAddress } from './tcp-address.ts'
import type { TcpContext } from './tcp-context.ts'

/** Addresses that are dialled at once; seeds are few. */
const MAX_CONTACTS = 64

/** The dials to addresses whose owners are not known yet: at most one an address. */
export class Contacts implements ContactOwner {
  readonly #context: TcpContext
  readonly #pending = new Map<Address, Contact>()
  readonly #takeOver: (made: MadeContact) => void

  /** `takeOver` gets every connection that came about. */
  constructor(context: TcpContext, takeOver: (made: MadeContact) => void) {
    this.#context = context
    this.#takeOver = takeOver
  }

  /** Keeps a frame for whoever answers at `address`, which is dialled unless it is already; `false` when the frame is dropped. */
  send(address: Address, prefix: Uint8Array, frame: Uint8Array): boolean {
    if (frame.length > this.#context.options.maxFrameBytes) return false
    const pending = this.#pending.get(address)
    if (pending !== undefined) return pending.send(prefix, frame)
    const endpoint = parseTcpAddress(address)
    if (endpoint === undefined || this.#pending.size >= MAX_CONTACTS) return false
    const contact = new Contact(this.#context, address, this)
    this.#pending.set(address, contact)
    const accepted = contact.send(prefix, frame)
    contact.dial(endpoint)
    return accepted
  }

  /** Gives all of them up. */
  close(): void {
    for (const contact of this.#pending.values()) contact.cancel()
    this.#pending.clear()
  }

  answered(contact: Contact, made: MadeContact): void {
    this.#pending.delete(contact.address)
    this.#context.reached(contact.address)
    this.#takeOver(made)
    made.connection.write(contact.batch)
  }

  failed(contact: Contact): void {
    this.#pending.delete(contact.address)
  }
}
