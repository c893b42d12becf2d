/// <reference lib="esnext.disposable" preserve="true" />
import type { NodeId } from './core/identity.ts'
import type { PeerClosedHandler } from './transport.ts'

/** Who wants to hear of peers that end a connection. */
export class PeerClosedHandlers {
  readonly #handlers = new Set<PeerClosedHandler>()
  readonly #failed: (peer: NodeId, error: unknown) => void

  /** `failed` is told what a handler threw; the others are called all the same. */
  constructor(failed: (peer: NodeId, error: unknown) => void) {
    this.#failed = failed
  }

  /** Calls `handler` for every peer that ends a connection, until the result is disposed of. */
  add(handler: PeerClosedHandler): Disposable {
    // A function of its own for each call: the same handler may be given twice, and each disposal is for its own.
    const registered: PeerClosedHandler = (peer) => handler(peer)
    this.#handlers.add(registered)
    return { [Symbol.dispose]: () => void this.#handlers.delete(registered) }
  }

  /** The peer has ended a connection. */
  tell(peer: NodeId): void {
    for (const handler of this.#handlers) {
      try {
        handler(peer)
      } catch (error) {
        this.#failed(peer, error)
      }
    }
  }
}
