import type { Hello } from '../core/hello.ts'
import type { Address, NodeId } from '../core/identity.ts'
import type { Refusal } from '../core/refusal.ts'
import { Connection, type ConnectionOwner, type Ending } from './connection.ts'
import type { WebSocketContext } from './context.ts'
import { isWebSocketAddress } from './options.ts'

/** What becomes of dials. */
export interface DialListener {
  /** Somebody answered at `address`. */
  opened(connection: Connection, address: Address): void
  /** As in {@link ConnectionOwner}. */
  message(connection: Connection, message: Uint8Array): void
  /** As in {@link ConnectionOwner}. */
  ended(connection: Connection, ending: Ending): void
  /** Nobody answered at `address`, or nobody who was wanted. */
  failed(address: Address): void
}

/** What is remembered of an address while it is dialled, and when nobody answered there. */
interface Attempt {
  connection: Connection | undefined
  failures: number
  notBefore: number
}

const MAX_ATTEMPTS = 4096

/**
 * Dials addresses, each once at a time, and not again before a pause is over that grows with every failure ("full jitter", M. Brooker,
 * Exponential Backoff and Jitter, 2015).
 */
export class Dialler {
  readonly #context: WebSocketContext
  readonly #listener: DialListener
  readonly #attempts = new Map<Address, Attempt>()

  constructor(context: WebSocketContext, listener: DialListener) {
    this.#context = context
    this.#listener = listener
  }

  /** Whether `address` is being dialled, from now on or already. `expected`: who has to answer there. */
  dial(address: Address, expected: NodeId | undefined): boolean {
    const { connect, clock } = this.#context.options
    if (connect === undefined || !isWebSocketAddress(address)) return false
    const attempt = this.#attemptAt(address)
    if (attempt.connection !== undefined) return true
    if (clock.now() < attempt.notBefore) return false
    try {
      const owner = this.#ownerOf(address, attempt, expected)
      attempt.connection = new Connection(this.#context, connect(address), 'out', owner)
      return true
    } catch (error) {
      this.#failed(address, attempt, String(error))
      return false
    }
  }

  /** Ends every dial that is under way. */
  close(): void {
    for (const { connection } of this.#attempts.values()) connection?.end('closed')
    this.#attempts.clear()
  }

  #attemptAt(address: Address): Attempt {
    let attempt = this.#attempts.get(address)
    if (attempt === undefined) {
      // Pauses are forgotten before addresses of the world fill the memory.
      if (this.#attempts.size >= MAX_ATTEMPTS) this.#forgetIdle()
      attempt = { connection: undefined, failures: 0, notBefore: 0 }
      this.#attempts.set(address, attempt)
    }
    return attempt
  }

  #forgetIdle(): void {
    for (const [address, { connection }] of this.#attempts)
      if (connection === undefined) this.#attempts.delete(address)
  }

  #ownerOf(address: Address, attempt: Attempt, expected: NodeId | undefined): ConnectionOwner {
    let open = false
    return {
      judge: (_connection: Connection, hello: Hello): Refusal | undefined => {
        if (expected === undefined || hello.nodeId === expected) return undefined
        return { reason: 'wrong-id', detail: `'${hello.nodeId}' answers at ${address}` }
      },
      opened: (connection) => {
        open = true
        attempt.connection = undefined
        attempt.failures = 0
        this.#listener.opened(connection, address)
      },
      message: (connection, message) => this.#listener.message(connection, message),
      ended: (connection, ending) => {
        if (open) {
          this.#listener.ended(connection, ending)
          return
        }
        attempt.connection = undefined
        const detail = 'before' in ending ? `${ending.refusal.reason}: ${ending.refusal.detail}` : ''
        this.#failed(address, attempt, detail)
      },
    }
  }

  #failed(address: Address, attempt: Attempt, detail: string): void {
    const { clock, random, reconnectMs } = this.#context.options
    const ceiling = Math.min(reconnectMs, (reconnectMs / 40) * 2 ** Math.min(attempt.failures, 30))
    attempt.failures++
    attempt.notBefore = clock.now() + random.float() * ceiling
    // A peer that is down is tried again and again: said once, then only to those who trace.
    this.#context.report('connect-failed', attempt.failures === 1 ? 'warn' : 'debug', { address, detail })
    this.#listener.failed(address)
  }
}
