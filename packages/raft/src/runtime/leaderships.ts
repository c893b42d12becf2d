/// <reference lib="esnext.disposable" preserve="true" />
import type { Term } from '../core/entry.ts'
import { RaftError } from '../errors.ts'

/** What `onLeadership` takes. */
export type LeadershipCallback = (term: Term, signal: AbortSignal) => void | Promise<void>

/** One registered callback. */
interface Registration {
  readonly callback: LeadershipCallback
  /** The last call's; it outlives a callback that has returned. */
  controller: AbortController | undefined
  /** Which of the node's leaderships it was last called for, counted. */
  calledFor: number
  running: boolean
  gone: boolean
}

/** Tells callbacks when this node leads, and by their signal when it no longer does. One call at a time for each. */
export class Leaderships {
  readonly #onError: (error: unknown) => void
  readonly #registrations = new Set<Registration>()
  /** The term in which this node leads now. */
  #term: Term | undefined
  /** Grows with each leadership, so that two in one term (a transfer between them failed) are told apart. */
  #count = 0

  /** `onError` is told what a callback throws, or its promise rejects with. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError
  }

  /** Calls `callback` for the present leadership, if there is one, and for every later one until it is disposed of. */
  add(callback: LeadershipCallback): Disposable {
    const registration: Registration = {
      ...{ callback, controller: undefined, calledFor: 0, running: false, gone: false },
    }
    this.#registrations.add(registration)
    // Not before the caller has the registration in hand.
    void Promise.resolve().then(() => this.#call(registration))
    return {
      [Symbol.dispose]: () => {
        registration.gone = true
        this.#registrations.delete(registration)
        registration.controller?.abort(ended('the registration was disposed of'))
      },
    }
  }

  /** This node leads in `term`, or with `undefined` leads no more. Harmless when nothing changed. */
  update(term: Term | undefined, reason = 'this node does not lead any more'): void {
    if (term === this.#term) return
    this.#term = term
    // A copy: a listener of a signal may dispose of registrations or add some.
    const registrations = [...this.#registrations]
    for (const { controller } of registrations) controller?.abort(ended(reason))
    if (term === undefined) return
    this.#count++
    for (const registration of registrations) this.#call(registration)
  }

  #call(registration: Registration): void {
    const term = this.#term
    const { running, gone, calledFor } = registration
    if (term === undefined || running || gone || calledFor === this.#count) return
    registration.calledFor = this.#count
    registration.running = true
    void this.#run(registration, term)
  }

  async #run(registration: Registration, term: Term): Promise<void> {
    const controller = new AbortController()
    registration.controller = controller
    try {
      await registration.callback(term, controller.signal)
    } catch (error) {
      this.#onError(error)
    }
    registration.running = false
    // It may have led anew while the callback was still busy with the leadership before.
    this.#call(registration)
  }
}

function ended(reason: string): RaftError {
  return new RaftError('RAFT_LEADERSHIP_ENDED', reason, { retryable: true })
}
