/// <reference lib="esnext.disposable" preserve="true" />
import type { AddressBook } from './address-book.ts'
import type { Clock } from './clock.ts'
import type { NodeId } from './core/identity.ts'
import type { Random } from './core/random.ts'
import type { Observer } from './observer.ts'
import type { Transport } from './transport.ts'

/**
 * The world that a protocol core runs on. Real ones come from `nodeHost` of `@colony/host/node` and from {@link createHost};
 * a simulated one from `@colony/testing`. One host can carry any number of protocols, all under one node id.
 * @category Seams
 */
export interface Host {
  /** Names the cluster; nodes of different clusters never talk, and data of one is refused by another. 1 to 255 bytes of UTF-8. */
  readonly clusterId: string
  /** Monotonic time. */
  readonly clock: Clock
  /** Randomness. */
  readonly random: Random
  /** Frames to and from other nodes. */
  readonly transport: Transport
  /** Where those nodes are. */
  readonly addresses: AddressBook
  /** Receives structured events. */
  readonly observer?: Observer
  /**
   * Opens the transport as node `id` for one more user. Disposing of the result ends that use, and the last one to leave closes the
   * transport, so a host that is made inline lives exactly as long as what runs on it. After that the host stays closed.
   * @throws A {@link ColonyError} with code `HOST_IDENTITY_CONFLICT` when the host is already open under another id,
   *   `HOST_CLOSED` when it was closed before, and whatever {@link Transport.open} throws.
   */
  open(id: NodeId): Promise<AsyncDisposable>
}
