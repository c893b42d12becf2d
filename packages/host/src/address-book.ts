import type { Address, NodeId } from './core/identity.ts'

/**
 * Where each node can be reached, kept apart from who it is. Protocols write to it, transports look things up in it
 * whenever they connect, so an address can change at any time, even all of them at once.
 * @category Identity
 */
export class AddressBook {
  readonly #addresses = new Map<NodeId, Address>()

  /** Records where `id` can be reached from now on. A connection that already stands is kept. */
  set(id: NodeId, address: Address): void {
    this.#addresses.set(id, address)
  }

  /** Forgets where `id` was. */
  delete(id: NodeId): void {
    this.#addresses.delete(id)
  }

  /** Where `id` can be reached, or `undefined`. */
  get(id: NodeId): Address | undefined {
    return this.#addresses.get(id)
  }

  /** Every known node with its address, in the order of recording. */
  entries(): IterableIterator<[NodeId, Address]> {
    return this.#addresses.entries()
  }
}
