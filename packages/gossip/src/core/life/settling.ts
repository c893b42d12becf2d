import type { NodeId, Random } from '@colony/host'
import type { Component, CoreContext } from '../component.ts'

/** When a newcomer compares notes, in milliseconds after it joined: soon while a whole cluster may be starting, then ever more rarely. */
const COMPARE_AT_MS: readonly number[] = [500, 1000, 2000, 3000, 4500, 6500, 9000]

/**
 * The first seconds after joining. When many join at once, whoever lets one of them in does not know the others yet, and gossip, which says each thing a limited number of times, leaves somebody
 * without one of a thousand names (memberlist then waits for its full exchange every 30 seconds: one join of a hundred nodes in two takes a minute and a half). So a newcomer compares notes with members
 * drawn at random, a few times: what it lacks shrinks by a large part each time, and a comparison of equals costs two packets.
 */
export class Settling implements Component {
  readonly #context: CoreContext
  readonly #syncWith: (peer: NodeId) => void
  readonly #random: Random
  #joinedAt = 0
  #next = COMPARE_AT_MS.length
  #deadline = Number.POSITIVE_INFINITY

  constructor(context: CoreContext, syncWith: (peer: NodeId) => void) {
    this.#context = context
    this.#syncWith = syncWith
    this.#random = context.random.fork('settling')
  }

  get deadline(): number {
    return this.#deadline
  }

  /** This node is no longer alone. */
  begin(): void {
    this.#joinedAt = this.#context.now
    this.#next = 0
    this.#schedule()
  }

  tick(): void {
    const [peer] = this.#context.members.pick(1)
    if (peer !== undefined) this.#syncWith(peer)
    this.#next++
    this.#schedule()
  }

  /** A fifth earlier or later at random: who joined together does not compare together. */
  #schedule(): void {
    const after = COMPARE_AT_MS[this.#next]
    this.#deadline =
      after === undefined
        ? Number.POSITIVE_INFINITY
        : this.#joinedAt + after * (0.8 + 0.4 * this.#random.float())
  }
}
