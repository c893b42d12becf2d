import type { RaftStatus } from './raft.ts'

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined }

/**
 * The iterators of `watch`. Each remembers only what it gave last and is asked for the present when its reader comes back, so that a slow reader costs
 * nothing and never works off a backlog.
 */
export class StatusWatches {
  readonly #read: () => RaftStatus
  readonly #iterators = new Set<StatusIterator>()
  #ended = false

  /** `read` gives the status as it is. */
  constructor(read: () => RaftStatus) {
    this.#read = read
  }

  /** A sequence of its own for every loop over it. */
  watch(signal?: AbortSignal): AsyncIterable<RaftStatus> {
    return { [Symbol.asyncIterator]: () => this.#iterate(signal) }
  }

  #iterate(signal: AbortSignal | undefined): AsyncIterator<RaftStatus> {
    const end = (): void => iterator.end()
    const iterator = new StatusIterator(this.#read, () => {
      this.#iterators.delete(iterator)
      // A long-lived signal must not collect every loop that was ever bound to it.
      signal?.removeEventListener('abort', end)
    })
    if (this.#ended || signal?.aborted === true) iterator.end()
    else {
      this.#iterators.add(iterator)
      signal?.addEventListener('abort', end)
    }
    return iterator
  }

  /** Something may have changed. */
  notify(): void {
    for (const iterator of this.#iterators) iterator.notify()
  }

  /** Ends every loop, now and later. */
  end(): void {
    this.#ended = true
    for (const iterator of this.#iterators) iterator.end()
  }
}

class StatusIterator implements AsyncIterator<RaftStatus, undefined> {
  readonly #read: () => RaftStatus
  readonly #release: () => void
  #given: RaftStatus | undefined
  #waiting: ((result: IteratorResult<RaftStatus, undefined>) => void)[] = []
  #ended = false

  constructor(read: () => RaftStatus, release: () => void) {
    this.#read = read
    this.#release = release
  }

  next(): Promise<IteratorResult<RaftStatus, undefined>> {
    if (this.#ended) return Promise.resolve(DONE)
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.notify()
    })
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.end()
    return Promise.resolve(DONE)
  }

  /** Gives the first that waits what is new, if anything is. */
  notify(): void {
    if (this.#waiting.length === 0) return
    const status = this.#read()
    if (this.#given !== undefined && isSame(status, this.#given)) return
    this.#given = status
    this.#waiting.shift()?.({ done: false, value: status })
  }

  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#release()
    for (const resolve of this.#waiting) resolve(DONE)
    this.#waiting = []
  }
}

function isSame(a: RaftStatus, b: RaftStatus): boolean {
  const keys = Object.keys(a) as (keyof RaftStatus)[]
  return keys.every((key) => a[key] === b[key])
}
