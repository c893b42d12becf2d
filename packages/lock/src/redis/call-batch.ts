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

/** Calls a script that answers each of many: what is asked of it in one turn of the event loop is one call, since most of what a script costs is its call. */
export class CallBatch {
  readonly #send: SendParts
  readonly #limit: number
  #parts: CallPart[] = []
  readonly #onTurn = (): void => this.#flush()

  /** At most `limit` parts share a call. */
  constructor(send: SendParts, limit: number) {
    this.#send = send
    this.#limit = limit
  }

  add(part: CallPart): void {
    this.#parts.push(part)
    if (this.#parts.length === 1) queueMicrotask(this.#onTurn)
  }

  #flush(): void {
    const parts = this.#parts
    this.#parts = []
    if (parts.length <= this.#limit) return this.#call(parts)
    for (let start = 0; start < parts.length; start += this.#limit) {
      this.#call(parts.slice(start, start + this.#limit))
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
