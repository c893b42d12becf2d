/// <reference lib="esnext.disposable" preserve="true" />
import { AddressBook } from './address-book.ts'
import type { Clock } from './clock.ts'
import { ColonyError } from './core/error.ts'
import type { NodeId } from './core/identity.ts'
import type { Random } from './core/random.ts'
import { invalidHostOption, requireMethods, requireName } from './core/validate.ts'
import type { Host } from './host.ts'
import type { Observer } from './observer.ts'
import { systemClock } from './system/system-clock.ts'
import { systemRandom } from './system/system-random.ts'
import type { Transport } from './transport.ts'

/**
 * What {@link createHost} makes a host of.
 * @category Real ones
 */
export interface CreateHostOptions {
  /** Names the cluster, 1 to 255 bytes of UTF-8. Required: two clusters that forgot to name themselves must not meet. */
  readonly clusterId: string
  /** Carries frames. Not opened yet, and used by this host alone: the host opens and closes it. Required. */
  readonly transport: Transport
  /** Monotonic time. Default: {@link systemClock}. */
  readonly clock?: Clock
  /** Randomness. Default: {@link systemRandom}; a fixed seed makes retries of all nodes collide, so use one in simulations only. */
  readonly random?: Random
  /** Receives structured events. Default: nobody does. */
  readonly observer?: Observer
  /** Where nodes are; share one with a transport that looks addresses up. Default: a new, empty one. */
  readonly addresses?: AddressBook
}

/**
 * A host around any transport: adds time, randomness and an address book, and opens and closes the transport with its users.
 * @throws A {@link ColonyError} with code `HOST_INVALID_OPTION` for a missing or impossible option.
 * @category Real ones
 */
export function createHost(options: CreateHostOptions): Host {
  if (typeof options !== 'object' || options === null) throw invalidHostOption('options must be an object')
  return new SharedHost(options)
}

/** Counts the users of one transport. */
class SharedHost implements Host {
  readonly clusterId: string
  readonly clock: Clock
  readonly random: Random
  readonly transport: Transport
  readonly addresses: AddressBook
  // `declare`: without it the field would exist, as `undefined`, where the interface says that it is absent.
  declare readonly observer?: Observer
  #id: NodeId | undefined
  // Includes those that still wait for `opening`, so that a user who leaves at once does not close the transport under the next.
  #users = 0
  #opening: Promise<void> | undefined
  #closing: Promise<void> | undefined

  constructor(options: CreateHostOptions) {
    const fail = invalidHostOption
    this.clusterId = requireName(fail, 'clusterId', options.clusterId)
    this.transport = requireMethods(fail, 'transport', options.transport, [
      'open',
      'send',
      'receive',
      'close',
    ])
    this.clock = requireMethods(fail, 'clock', options.clock ?? systemClock, ['now', 'after', 'afterInput'])
    this.random = requireMethods(fail, 'random', options.random ?? systemRandom(), [
      'float',
      'integer',
      'fork',
    ])
    this.addresses = requireMethods(fail, 'addresses', options.addresses ?? new AddressBook(), [
      'get',
      'set',
      'delete',
    ])
    if (options.observer === undefined) return
    if (typeof options.observer !== 'function') throw fail('observer must be a function')
    this.observer = options.observer
  }

  async open(id: NodeId): Promise<AsyncDisposable> {
    requireName(invalidHostOption, 'id', id)
    if (this.#closing !== undefined) {
      throw new ColonyError('HOST_CLOSED', `the host of node '${this.#id}' was closed: make a new one`)
    }
    if (this.#id !== undefined && this.#id !== id) {
      throw new ColonyError(
        'HOST_IDENTITY_CONFLICT',
        `the host is open as '${this.#id}' and cannot be '${id}' too: one host a node`,
      )
    }
    this.#id = id
    this.#users++
    const opening = (this.#opening ??= this.#openTransport(id))
    try {
      await opening
    } catch (error) {
      this.#users--
      // Only for the attempt that failed: another user may have started the next one already.
      if (this.#opening === opening) this.#forget()
      throw error
    }
    return this.#lease()
  }

  /** Turns a transport that throws, against its contract, into one that rejects. */
  async #openTransport(id: NodeId): Promise<void> {
    await this.transport.open(id)
  }

  #forget(): void {
    this.#opening = undefined
    this.#id = undefined
  }

  #lease(): AsyncDisposable {
    let left: Promise<void> | undefined
    return { [Symbol.asyncDispose]: () => (left ??= this.#leave()) }
  }

  async #leave(): Promise<void> {
    this.#users--
    if (this.#users > 0) return
    this.#closing = this.#closeTransport()
    await this.#closing
  }

  async #closeTransport(): Promise<void> {
    await this.transport.close()
  }
}
