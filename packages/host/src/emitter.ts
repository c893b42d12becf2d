/// <reference lib="esnext.disposable" preserve="true" />
import { EventEmitter } from 'eventemitter3'
import { ColonyError } from './core/error.ts'

/**
 * How to listen.
 * @category Building blocks
 */
export interface ListenOptions {
  /** Stops listening when it aborts. A signal that has aborted already means: never start. Default: none. */
  readonly signal?: AbortSignal
}

/**
 * Receives what a listener threw, or what the promise of an asynchronous one rejected with, and the name of the event.
 * @category Building blocks
 */
export type ListenerErrorHandler = (error: unknown, event: string) => void

/** A listener of whichever event. */
type Listener = (payload: unknown) => unknown

/** One listener's place, and what it takes to leave it. */
interface Registration {
  /** Stops listening. Idempotent. */
  readonly leave: () => void
  /** Called when the emitter is cleared, after `leave`. */
  readonly cleared: (() => void) | undefined
}

/**
 * Typed events by composition. Listeners run synchronously, in the order of registration, and apart from each other: one that throws is
 * reported to `onError`, the rest still run, and `emit` returns. A listener that was disposed of is never called again, not even
 * by the `emit` that is just running.
 *
 * `Events` maps each event's name to its payload, one readonly object.
 * @category Building blocks
 */
export class Emitter<Events extends object> {
  readonly #emitter = new EventEmitter()
  readonly #onError: ListenerErrorHandler
  readonly #registrations = new Set<Registration>()

  /**
   * Makes an emitter without listeners.
   * @param onError Receives the error of every listener that fails; what it throws itself is swallowed.
   */
  constructor(onError: ListenerErrorHandler) {
    this.#onError = onError
  }

  /** Calls `listener` with every payload of event `name` from now on. Dispose of the result to stop; doing so twice is harmless. */
  on<Name extends keyof Events & string>(
    name: Name,
    listener: (payload: Events[Name]) => void,
    options: ListenOptions = {},
  ): Disposable {
    return this.#add(name, listener as Listener, options.signal)
  }

  /**
   * The next payload of event `name`. Rejects with `signal.reason` when the signal aborts first, and with a {@link ColonyError} of code
   * `HOST_CLOSED` when the emitter is cleared first.
   */
  once<Name extends keyof Events & string>(name: Name, options: ListenOptions = {}): Promise<Events[Name]> {
    const { signal } = options
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason)
        return
      }
      const aborted = (): void => reject(signal?.reason)
      const closed = (): void => {
        reject(new ColonyError('HOST_CLOSED', `closed while waiting for the event '${name}'`))
      }
      const take = (payload: Events[Name]): void => {
        registration[Symbol.dispose]()
        resolve(payload)
      }
      const registration = this.#add(name, take as Listener, signal, aborted, closed)
    })
  }

  /** Calls every listener of event `name`. Never throws. */
  emit<Name extends keyof Events & string>(name: Name, payload: Events[Name]): void {
    this.#emitter.emit(name, payload)
  }

  /** How many listeners event `name` has, pending `once` included. */
  listenerCount(name: keyof Events & string): number {
    return this.#emitter.listenerCount(name)
  }

  /** Removes every listener; pending `once` reject. */
  clear(): void {
    for (const registration of this.#registrations) {
      registration.leave()
      registration.cleared?.()
    }
  }

  #add(
    name: string,
    listener: Listener,
    signal: AbortSignal | undefined,
    aborted?: () => void,
    cleared?: () => void,
  ): Disposable {
    if (signal?.aborted === true) return { [Symbol.dispose]: () => {} }
    let listening = true
    const call = (payload: unknown): void => {
      if (listening) this.#call(name, listener, payload)
    }
    const leave = (): void => {
      if (!listening) return
      listening = false
      this.#emitter.off(name, call)
      this.#registrations.delete(registration)
      // A long-lived signal must not collect the listeners of everything that was ever bound to it.
      signal?.removeEventListener('abort', onAbort)
    }
    const onAbort = (): void => {
      leave()
      aborted?.()
    }
    const registration: Registration = { leave, cleared }
    this.#emitter.on(name, call)
    this.#registrations.add(registration)
    signal?.addEventListener('abort', onAbort)
    return { [Symbol.dispose]: leave }
  }

  #call(name: string, listener: Listener, payload: unknown): void {
    try {
      const result = listener(payload)
      // An async function is a valid listener to the type checker: its rejection must not end the process.
      if (isThenable(result)) result.then(undefined, (error: unknown) => this.#report(error, name))
    } catch (error) {
      this.#report(error, name)
    }
  }

  #report(error: unknown, name: string): void {
    try {
      this.#onError(error, name)
    } catch {
      // There is nobody left to tell, and the other listeners still have to run.
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
