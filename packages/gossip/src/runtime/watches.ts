/// <reference lib="esnext.disposable" preserve="true" />

interface Watch<Change> {
  readonly prefix: string
  readonly listener: (change: Change) => void
}

const WATCHES_NO_MORE: Disposable = { [Symbol.dispose]: () => {} }

/** Listeners for keys that begin with something. */
export class Watches<Change extends { readonly key: string }> {
  readonly #watches = new Set<Watch<Change>>()
  readonly #leaves = new Set<() => void>()
  readonly #onError: (error: unknown) => void

  /** `onError` gets what a listener throws, or rejects with. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError
  }

  /** Whether anybody listens. */
  get active(): boolean {
    return this.#watches.size > 0
  }

  /** Listens until the result is disposed of, or `signal` aborts. */
  add(
    prefix: string,
    listener: (change: Change) => void,
    signal: AbortSignal | undefined,
    first: Iterable<Change> = [],
  ): Disposable {
    if (signal?.aborted === true) return WATCHES_NO_MORE
    const watch = { prefix, listener }
    this.#watches.add(watch)
    const leave = (): void => {
      signal?.removeEventListener('abort', leave)
      this.#leaves.delete(leave)
      this.#watches.delete(watch)
    }
    this.#leaves.add(leave)
    signal?.addEventListener('abort', leave)
    for (const change of first) this.#call(watch, change)
    return { [Symbol.dispose]: leave }
  }

  /** Tells those whom it concerns. */
  tell(change: Change): void {
    for (const watch of this.#watches) this.#call(watch, change)
  }

  /** Nobody listens any more. */
  clear(): void {
    for (const leave of this.#leaves) leave()
  }

  #call(watch: Watch<Change>, change: Change): void {
    if (!change.key.startsWith(watch.prefix) || !this.#watches.has(watch)) return
    callSafely(() => watch.listener(change), this.#onError)
  }
}

/** Calls code of the user's apart from the rest: what it throws, or what its promise rejects with, is reported. */
export function callSafely(call: () => unknown, onError: (error: unknown) => void): void {
  try {
    const result = call()
    if (result instanceof Promise) result.catch(onError)
  } catch (error) {
    onError(error)
  }
}
