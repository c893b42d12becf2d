import type { Clock } from '@colony/host'
import { LockError } from '../errors.ts'
import { CallBatch, type CallPart } from './call-batch.ts'
import { type RedisCalls, unexpectedReply } from './redis-calls.ts'
import type { RedisReply, RedisScript } from './redis-server.ts'

/**
 * A script that does the same for many, and answers each: what is asked of it in one turn of the event loop is one call. A text as an answer is what went wrong with
 * that one alone.
 */
export class ScriptBatch {
  readonly #script: RedisScript
  readonly #batch: CallBatch

  /** `head`: arguments that stand before those of the parts. At most `limit` parts share a call. */
  constructor(clock: Clock, calls: RedisCalls, script: RedisScript, head: readonly string[], limit: number) {
    this.#script = script
    this.#batch = new CallBatch(clock, (keys, args) => calls.run(script, keys, [...head, ...args]), limit)
  }

  run(keys: readonly string[], args: readonly string[]): Promise<RedisReply> {
    return new Promise((resolve, reject) => {
      this.#batch.add(new Part(this.#script, keys, args, resolve, reject))
    })
  }
}

class Part implements CallPart {
  readonly keys: readonly string[]
  readonly args: readonly string[]
  readonly failed: (error: unknown) => void
  readonly #script: RedisScript
  readonly #resolve: (reply: RedisReply) => void

  constructor(
    script: RedisScript,
    keys: readonly string[],
    args: readonly string[],
    resolve: (reply: RedisReply) => void,
    reject: (error: unknown) => void,
  ) {
    this.#script = script
    this.keys = keys
    this.args = args
    this.#resolve = resolve
    this.failed = reject
  }

  answered(reply: RedisReply | undefined): void {
    if (typeof reply === 'number' || (typeof reply === 'string' && reply.startsWith('mismatch'))) {
      this.#resolve(reply)
    } else if (typeof reply === 'string') {
      this.failed(new LockError('LOCK_NO_ANSWER', `Redis answered '${this.#script.name}': ${reply}`))
    } else this.failed(unexpectedReply(this.#script, reply ?? null))
  }
}
