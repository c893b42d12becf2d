import type { Clock, Random } from '@colony/host'
import type { RedisReply, RedisRun, RedisScript, RedisServer } from '../../../src/redis/index.ts'
import { Keyspace } from '../../sim/redis/keyspace.ts'
import { runScript } from '../../sim/redis/redis-scripts.ts'

/** How a played server is reached. */
export interface PlayedOptions {
  readonly clock: Clock
  readonly random: Random
  /** How fast its clock goes. Default: 1. */
  readonly rate?: number
  /** One way, at the most, in milliseconds. Default: 1. */
  readonly latencyMs?: number
}

let servers = 0

/** A server in memory that runs the real scripts: what many clients reach, each by a link of its own. */
export class PlayedRedis {
  keyspace: Keyspace
  readonly #options: PlayedOptions
  readonly #known = new Set<string>()
  readonly #id = (servers += 1)
  #run = 1
  #startedAt = Number.NEGATIVE_INFINITY

  constructor(options: PlayedOptions) {
    this.#options = options
    this.keyspace = this.#empty()
  }

  /** Its process ends and begins anew, with nothing. */
  restart(): void {
    this.keyspace = this.#empty()
    this.#known.clear()
    this.#run += 1
    this.#startedAt = this.#options.clock.now()
  }

  link(): PlayedLink {
    return new PlayedLink(this, this.#options)
  }

  get run(): RedisRun {
    return { runId: `${this.#id}.${this.#run}`, uptimeMs: this.#options.clock.now() - this.#startedAt }
  }

  knows({ sha1 }: RedisScript): boolean {
    return this.#known.has(sha1)
  }

  perform(script: RedisScript, keys: readonly string[], args: readonly string[]): RedisReply {
    this.#known.add(script.sha1)
    const { keyspace } = this
    return runScript(
      { keyspace, micros: keyspace.now * 1000, publish: () => 0 },
      script.source,
      keys,
      args,
    ) as RedisReply
  }

  #empty(): Keyspace {
    const { clock, rate = 1 } = this.#options
    return new Keyspace(() => clock.now() * rate)
  }
}

/** A client's connection: in order, late, and sometimes dead in one direction or both. */
export class PlayedLink implements RedisServer {
  readonly isCluster = false
  readonly #server: PlayedRedis
  readonly #options: PlayedOptions
  readonly #there = new Lane()
  readonly #back = new Lane()
  /** How many scripts were sent. */
  sent = 0
  /** What happens to the next answers: they are lost with the connection. */
  loses = false
  /** Whether it takes no questions any more once it has lost an answer: each is refused at once. */
  staysDown = false
  #isDown = false

  constructor(server: PlayedRedis, options: PlayedOptions) {
    this.#server = server
    this.#options = options
  }

  /** Nothing passes any more. */
  cut(which: 'there' | 'back' | 'both' = 'both'): void {
    if (which !== 'back') this.#there.isCut = true
    if (which !== 'there') this.#back.isCut = true
  }

  /** What waited passes. */
  heal(): void {
    this.loses = false
    this.#isDown = false
    this.#there.heal()
    this.#back.heal()
  }

  async run(script: RedisScript, keys: readonly string[], args: readonly string[]): Promise<RedisReply> {
    return await this.#ask(() => this.#server.perform(script, keys, args))
  }

  async runIfKnown(
    script: RedisScript,
    keys: readonly string[],
    args: readonly string[],
  ): Promise<RedisReply | undefined> {
    return await this.#ask(() =>
      this.#server.knows(script) ? this.#server.perform(script, keys, args) : undefined,
    )
  }

  async currentRun(): Promise<RedisRun> {
    return await this.#ask(() => this.#server.run)
  }

  async listen(): Promise<Disposable> {
    throw new Error('nobody listens')
  }

  async close(): Promise<void> {}

  #ask<Answer>(question: () => Answer): Promise<Answer> {
    this.sent += 1
    if (this.#isDown) return Promise.reject(new Error('there is no connection'))
    return new Promise((resolve, reject) => {
      this.#travel(this.#there, () => {
        const answer = question()
        this.#travel(this.#back, () => {
          if (!this.loses) return resolve(answer)
          this.#isDown = this.staysDown
          reject(new Error('the connection was lost'))
        })
      })
    })
  }

  #travel(lane: Lane, arrive: () => void): void {
    const { clock, random, latencyMs = 1 } = this.#options
    lane.free = Math.max(lane.free, clock.now() + random.float() * latencyMs)
    clock.after(lane.free - clock.now(), () => lane.pass(arrive))
  }
}

/** One direction. */
class Lane {
  isCut = false
  free = 0
  #waiting: (() => void)[] = []

  pass(arrive: () => void): void {
    if (this.isCut) this.#waiting.push(arrive)
    else arrive()
  }

  heal(): void {
    this.isCut = false
    for (const arrive of this.#waiting.splice(0)) arrive()
  }
}
