import type { Clock } from '@colony/host'
import { LockError } from '../errors.ts'
import { Deadline, Deadlines } from '../runtime/deadlines.ts'
import type { RedisReply, RedisScript, RedisServer } from './redis-server.ts'

/** Scripts with a time limit: a client may wait for its connection for ever. */
export class RedisCalls {
  readonly #server: RedisServer
  readonly #clock: Clock
  readonly #timeoutMs: number
  readonly #deadlines: Deadlines

  constructor(server: RedisServer, clock: Clock, timeoutMs: number) {
    this.#server = server
    this.#clock = clock
    this.#timeoutMs = timeoutMs
    this.#deadlines = new Deadlines(clock)
  }

  /** The reply. Rejects when none comes in time: it is not known then whether the script ran, or will run. */
  run(script: RedisScript, keys: readonly string[], args: readonly string[]): Promise<RedisReply> {
    return new Promise((resolve, reject) => {
      const call = new Call(script.name, this.#timeoutMs, reject)
      this.#deadlines.add(call, this.#clock.now(), this.#timeoutMs)
      this.#server.run(script, keys, args).then(
        (reply) => {
          this.#deadlines.remove(call)
          resolve(reply)
        },
        (error: unknown) => {
          this.#deadlines.remove(call)
          reject(error)
        },
      )
    })
  }
}

class Call extends Deadline {
  readonly #name: string
  readonly #timeoutMs: number
  readonly #reject: (error: LockError) => void

  constructor(name: string, timeoutMs: number, reject: (error: LockError) => void) {
    super()
    this.#name = name
    this.#timeoutMs = timeoutMs
    this.#reject = reject
  }

  due(): void {
    const message = `Redis did not answer '${this.#name}' within ${this.#timeoutMs} ms`
    this.#reject(new LockError('LOCK_NO_ANSWER', message, { retryable: true }))
  }
}

/** What a server answered that is none of ours, or is not what we know. */
export function unexpectedReply(script: RedisScript, reply: RedisReply): LockError {
  return new LockError(
    'LOCK_NO_ANSWER',
    `Redis answered '${script.name}' with ${JSON.stringify(reply).slice(0, 100)}`,
  )
}
