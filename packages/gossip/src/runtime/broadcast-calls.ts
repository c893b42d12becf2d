import type { Clock } from '@colony/host'
import type { GossipError } from '../errors.ts'
import type { BroadcastAwait, BroadcastResult } from './messages.ts'
import { watchWait } from './timeouts.ts'

/** One broadcast that is waited for. */
interface Call {
  readonly of: number
  readonly needed: number
  delivered: number
  settle(reached: boolean): void
  reject(error: unknown): void
}

/** What a call waits for. */
export interface BroadcastDemand {
  readonly await: BroadcastAwait
  /** Members that were there when it was sent, without this node. */
  readonly others: number
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

/** Broadcasts of this node whose callers wait. */
export class BroadcastCalls {
  readonly #clock: Clock
  readonly #calls = new Map<number, Call>()
  #ids = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A name for the next broadcast. */
  nextId(): number {
    return ++this.#ids
  }

  /** Waits for broadcast `id`. */
  wait(id: number, demand: BroadcastDemand): Promise<BroadcastResult> {
    const { others, timeoutMs, signal } = demand
    const needed = neededOf(demand.await, others)
    if (needed === 0) return Promise.resolve({ delivered: 0, of: others, reached: true })
    return new Promise((resolve, reject) => {
      const end = (): void => {
        stop()
        this.#calls.delete(id)
      }
      const call: Call = {
        of: others,
        needed,
        delivered: 0,
        settle: (reached) => {
          end()
          resolve({ delivered: call.delivered, of: others, reached })
        },
        reject: (error) => {
          end()
          // Whoever aborts says why; it need not be an error.
          reject(error as Error)
        },
      }
      const stop = watchWait({
        clock: this.#clock,
        timeoutMs,
        signal,
        timedOut: () => call.settle(false),
        aborted: (reason) => call.reject(reason),
      })
      this.#calls.set(id, call)
    })
  }

  /** So many others are known to have it; `done`: no more will be known. */
  delivered(id: number, count: number, done: boolean): void {
    const call = this.#calls.get(id)
    if (call === undefined) return
    call.delivered = Math.max(call.delivered, count)
    // Somebody who was waited for may have gone: all who are left have it.
    if (call.delivered >= call.needed || done) call.settle(call.delivered >= call.needed)
  }

  /** Broadcast `id` was not sent. */
  refused(id: number, error: unknown): void {
    this.#calls.get(id)?.reject(error)
  }

  /** Ends every wait. */
  close(error: GossipError): void {
    for (const call of this.#calls.values()) call.reject(error)
  }
}

/** How many others make up what is waited for. More than half counts the sender, who has it. */
function neededOf(what: BroadcastAwait, others: number): number {
  switch (what) {
    case 'none':
      return 0
    case 'one':
      return Math.min(1, others)
    case 'quorum':
      return Math.floor((others + 1) / 2)
    case 'all':
      return others
  }
}
