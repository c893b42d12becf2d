/// <reference lib="esnext.disposable" preserve="true" />
import type { Clock } from '@colony/host'
import type { GrantRequest } from '../backend.ts'
import { LockTable, type TableListener } from '../core/lock-table.ts'
import type { TableRequest } from '../core/table-request.ts'

/** A turn that has come; to be ended when the server has got back what was taken. */
export interface Turn extends Disposable {
  /** Milliseconds that are left to wait of those that the request wanted. */
  readonly waitMs: number
}

/**
 * Whoever of one process wants the same keys takes turns here, first come first served, before the server is asked: it hears of one waiter for each process. Sessions need it besides, since a session may
 * take a lock of its own a second time.
 */
export class LocalTurns implements TableListener {
  readonly #clock: Clock
  readonly #table = new LockTable(this)
  #lastId = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves with a turn, or with nothing when the time to wait is over; rejects with the signal's reason. */
  take(request: GrantRequest): Promise<Turn | undefined> {
    const { waitMs, signal } = request
    const since = this.#clock.now()
    const local = new LocalRequest((this.#lastId += 1), request.claims)
    const answer = this.#table.request(local, { mayWait: waitMs > 0 })
    if (answer === 'held') return Promise.resolve(this.#turn(local, waitMs))
    if (answer !== 'waiting') return Promise.resolve(undefined)
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        timer?.[Symbol.dispose]()
        signal?.removeEventListener('abort', onAbort)
      }
      const onAbort = (): void => {
        settle()
        this.#table.end(local)
        reject(signal?.reason as Error)
      }
      const timer =
        waitMs === Number.POSITIVE_INFINITY
          ? undefined
          : this.#clock.after(waitMs, () => {
              settle()
              this.#table.end(local)
              resolve(undefined)
            })
      signal?.addEventListener('abort', onAbort, { once: true })
      local.granted = () => {
        settle()
        resolve(this.#turn(local, Math.max(0, waitMs - (this.#clock.now() - since))))
      }
    })
  }

  granted(request: TableRequest): void {
    const local = request as LocalRequest
    local.granted()
  }

  broken(): void {
    // Requests without owners are in no cycle.
  }

  #turn(local: LocalRequest, waitMs: number): Turn {
    return { waitMs, [Symbol.dispose]: () => this.#table.end(local) }
  }
}

class LocalRequest implements TableRequest {
  readonly id: number
  readonly owner = undefined
  readonly claims: GrantRequest['claims']
  state: TableRequest['state'] = 'new'
  token = 0
  granted: () => void = () => undefined

  constructor(id: number, claims: GrantRequest['claims']) {
    this.id = id
    this.claims = claims
  }
}
