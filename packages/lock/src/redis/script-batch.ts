import { LockError } from '../errors.ts'
import { type RedisCalls, unexpectedReply } from './redis-calls.ts'
import type { RedisReply, RedisScript } from './redis-server.ts'

interface Part {
  readonly keys: readonly string[]
  readonly args: readonly string[]
  readonly resolve: (reply: RedisReply) => void
  readonly reject: (error: unknown) => void
}

/**
 * A script that does the same for many, and answers each: what is asked of it in one turn of the event loop is one call. A text as an answer is what went wrong with
 * that one alone.
 */
export class ScriptBatch {
  readonly #calls: RedisCalls
  readonly #script: RedisScript
  readonly #head: readonly string[]
  readonly #limit: number
  #parts: Part[] = []
  readonly #onTurn = (): void => this.#flush()

  /** `head`: arguments that stand before those of the parts. At most `limit` parts share a call. */
  constructor(calls: RedisCalls, script: RedisScript, head: readonly string[], limit: number) {
    this.#calls = calls
    this.#script = script
    this.#head = head
    this.#limit = limit
  }

  run(keys: readonly string[], args: readonly string[]): Promise<RedisReply> {
    return new Promise((resolve, reject) => {
      this.#parts.push({ keys, args, resolve, reject })
      if (this.#parts.length === 1) queueMicrotask(this.#onTurn)
    })
  }

  #flush(): void {
    const parts = this.#parts
    this.#parts = []
    for (let start = 0; start < parts.length; start += this.#limit) {
      this.#send(parts.slice(start, start + this.#limit))
    }
  }

  #send(parts: readonly Part[]): void {
    const keys: string[] = []
    const args: string[] = [...this.#head]
    for (const part of parts) {
      keys.push(...part.keys)
      args.push(...part.args)
    }
    this.#calls.run(this.#script, keys, args).then(
      (replies) => this.#answered(parts, replies),
      (error: unknown) => {
        for (const { reject } of parts) reject(error)
      },
    )
  }

  #answered(parts: readonly Part[], replies: RedisReply): void {
    for (const [index, { resolve, reject }] of parts.entries()) {
      const reply: unknown = Array.isArray(replies) ? replies[index] : undefined
      if (typeof reply === 'number' || (typeof reply === 'string' && reply.startsWith('mismatch'))) {
        resolve(reply)
      } else if (typeof reply === 'string') {
        reject(new LockError('LOCK_NO_ANSWER', `Redis answered '${this.#script.name}': ${reply}`))
      } else reject(unexpectedReply(this.#script, replies))
    }
  }
}
