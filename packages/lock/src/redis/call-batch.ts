import type { Clock } from '@colony/host'
import type { RedisReply } from './redis-server.ts'

/** What is asked of a script for one of many, and who is told. Neither method may throw. */
export interface CallPart {
  readonly keys: readonly string[]
  readonly args: readonly string[]
  /** The script's answer for this part; `undefined` where it gave none. */
  answered(reply: RedisReply | undefined): void
  /** It is not known what became of the call. */
  failed(error: unknown): void
}

/** Sends a script for all parts of a call. */
export type SendParts = (keys: readonly string[], args: readonly string[]) => Promise<RedisReply>

/** How many parts always share a call. */
const TOGETHER = 16

/**
 * Calls a script that answers each of many: what is asked of it in one turn of the event loop is one call, since most of what a script costs is its call. Of much, one half
 * waits until the other was written: else all would come back together, and the server and this process would take turns waiting for each other.
 */
export class CallBatch {
  readonly #clock: Clock
  readonly #send: SendParts
  readonly #limit: number
  #parts: CallPart[] = []
  readonly #onTurn = (): void => this.#flush()

  /** At most `limit` parts share a call. Of calls for one part each, none waits. */
  constructor(clock: Clock, send: SendParts, limit: number) {
    this.#clock = clock
    this.#send = send
    this.#limit = limit
  }

  add(part: CallPart): void {
    this.#parts.push(part)
    if (this.#parts.length === 1) queueMicrotask(this.#onTurn)
  }

  #flush(): void {
    const parts = this.#parts
    const limit = this.#limit
    const count = parts.length <= TOGETHER || limit === 1 ? parts.length : Math.ceil(parts.length / 2)
    this.#parts = parts.slice(count)
    // Whatever is asked for until then goes with them.
    if (this.#parts.length > 0) this.#clock.afterInput(this.#onTurn)
    for (let start = 0; start < count; start += limit) {
      this.#call(parts.slice(start, Math.min(start + limit, count)))
    }
  }

  #call(parts: readonly CallPart[]): void {
    const keys: string[] = []
    const args: string[] = []
    for (const part of parts) {
      keys.push(...part.keys)
      args.push(...part.args)
    }
    this.#send(keys, args).then(
      (replies) => {
        const list: readonly RedisReply[] = Array.isArray(replies) ? replies : []
        for (let index = 0; index < parts.length; index++) parts[index]?.answered(list[index])
      },
      (error: unknown) => {
        for (const part of parts) part.failed(error)
      },
    )
  }
}
