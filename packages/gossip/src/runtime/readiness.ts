import { showValue, type Clock, type NodeId } from '@colony/host'
import { GossipError } from '../errors.ts'
import type { ReadyOptions } from './gossip.ts'
import { watchWait } from './timeouts.ts'

interface Waiter {
  readonly minPeers: number
  resolve(peers: number): void
  reject(error: unknown): void
}

/** What is known of why nobody was found. */
interface Trouble {
  /** How many seeds there are to try; `undefined` while none was ever found or named. */
  seeds: number | undefined
  /** Why the last search for seeds failed. */
  error: unknown
  /** Somebody answered who is of another cluster. */
  stranger: NodeId | undefined
}

/** Those who wait for enough others, and what may be told to them when they were not enough. */
export class Readiness {
  readonly #clock: Clock
  readonly #peers: () => number
  readonly #waiters = new Set<Waiter>()
  readonly #trouble: Trouble = { seeds: undefined, error: undefined, stranger: undefined }

  /** `peers`: how many others are there now. */
  constructor(clock: Clock, peers: () => number) {
    this.#clock = clock
    this.#peers = peers
  }

  /** So many seeds are tried from now on. */
  seeds(count: number): void {
    this.#trouble.seeds = count
    this.#trouble.error = undefined
  }

  /** No seeds were found. */
  searchFailed(error: unknown): void {
    this.#trouble.error = error
  }

  /** Somebody of another cluster was met. */
  met(stranger: NodeId): void {
    this.#trouble.stranger = stranger
  }

  /** Resolves when enough others are there. */
  wait({
    minPeers,
    timeoutMs,
    signal,
  }: Required<Omit<ReadyOptions, 'signal'>> & ReadyOptions): Promise<number> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason as Error)
        return
      }
      const peers = this.#peers()
      if (peers >= minPeers) {
        resolve(peers)
        return
      }
      const end = (): void => {
        stop()
        this.#waiters.delete(waiter)
      }
      const waiter: Waiter = {
        minPeers,
        resolve: (count) => {
          end()
          resolve(count)
        },
        reject: (error) => {
          end()
          reject(error as Error)
        },
      }
      const stop = watchWait({
        clock: this.#clock,
        timeoutMs,
        signal,
        timedOut: () => waiter.reject(this.#missing(minPeers, timeoutMs)),
        aborted: (reason) => waiter.reject(reason),
      })
      this.#waiters.add(waiter)
    })
  }

  /** The members may have changed. */
  look(): void {
    if (this.#waiters.size === 0) return
    const peers = this.#peers()
    for (const waiter of this.#waiters) if (peers >= waiter.minPeers) waiter.resolve(peers)
  }

  /** Ends every wait. */
  close(error: GossipError): void {
    for (const waiter of this.#waiters) waiter.reject(error)
  }

  #missing(minPeers: number, timeoutMs: number): GossipError {
    const { error } = this.#trouble
    const message = `${this.#peers()} of ${minPeers} other members are known after ${timeoutMs} ms: ${this.#reason()}`
    return new GossipError('GOSSIP_NOT_READY', message, {
      retryable: true,
      ...(error !== undefined && { cause: error }),
    })
  }

  #reason(): string {
    const { seeds, error, stranger } = this.#trouble
    if (error !== undefined) {
      return `the function that finds seeds failed (${error instanceof Error ? error.message : showValue(error)})`
    }
    if (this.#peers() > 0) return 'the others have not joined yet, or cannot be reached from here'
    if (stranger !== undefined) return `'${stranger}' answered, but for another cluster: look at clusterId`
    if (seeds === undefined) return 'the function that finds seeds has not answered yet'
    if (seeds === 0) return 'no seed is named, and nobody has come by himself'
    return `none of ${seeds} ${seeds === 1 ? 'seed' : 'seeds'} has answered`
  }
}
