import { createRandom, type Random } from '@colony/host'

/** Who speaks in a round: those who know the rumor tell it, those who don't ask for it, or both (Demers et al., 1987, section 1.4). */
export type Exchange = 'push' | 'pull' | 'push-pull'

/** How a rumor spreads. */
export interface RumorOptions {
  /** How many there are, the one who knows first included. */
  readonly members: number
  readonly exchange: Exchange
  /** With how many others each speaks in a round, uniformly drawn. */
  readonly fanout: number
  /** Probability that a message is lost, each way. Default 0. */
  readonly loss?: number
  readonly seed: number | string
}

/** How long it took. */
export interface RumorRounds {
  /** Rounds until 99 in 100 knew. */
  readonly nearlyAll: number
  /** Rounds until everybody knew. */
  readonly all: number
  /** Messages that were sent, answers included. */
  readonly messages: number
}

const NEARLY_ALL = 0.99

/**
 * One rumor in synchronous rounds, with nothing but the drawing of peers in it: a million members are a matter of a tenth of a second. Whoever learns it in a round
 * tells it from the next one on.
 */
export function spreadRumor(options: RumorOptions): RumorRounds {
  const { members, exchange } = options
  const rumor = new Rumor(options)
  let rounds = 0
  let nearlyAll = 0
  while (rumor.known < members) {
    rounds += 1
    if (exchange !== 'pull') rumor.push()
    if (exchange !== 'push') rumor.pull()
    rumor.endRound()
    if (nearlyAll === 0 && rumor.known >= NEARLY_ALL * members) nearlyAll = rounds
  }
  return { nearlyAll, all: rounds, messages: rumor.messages }
}

const UNKNOWN = 0
const KNOWN = 1
/** Learned in this round: not told before the next. */
const LEARNED = 2

class Rumor {
  messages = 0
  /** How many knew it when the round began. */
  known = 1
  readonly #members: number
  readonly #fanout: number
  readonly #loss: number
  readonly #random: Random
  readonly #states: Uint8Array
  /** Those who know, then those who learned in this round, then those who don't know: a permutation, so that no round looks at others than it needs. */
  readonly #order: Int32Array
  readonly #places: Int32Array
  /** Who asked somebody who knew: they learn when all have asked. */
  readonly #answered: Int32Array
  #learned = 1

  constructor({ members, fanout, loss = 0, seed }: RumorOptions) {
    this.#members = members
    this.#fanout = fanout
    this.#loss = loss
    this.#random = createRandom(seed, 'rumor')
    this.#states = new Uint8Array(members)
    this.#states[0] = KNOWN
    this.#order = Int32Array.from({ length: members }, (_, index) => index)
    this.#places = this.#order.slice()
    this.#answered = new Int32Array(members)
  }

  /** Everybody who knows tells `fanout` others. */
  push(): void {
    for (let place = 0; place < this.known; place++) {
      const member = this.#order[place] ?? 0
      for (let told = 0; told < this.#fanout; told++) {
        const other = this.#otherThan(member)
        this.messages += 1
        if (!this.#isLost() && this.#states[other] === UNKNOWN) this.#learn(other)
      }
    }
  }

  /** Everybody who did not know when the round began asks `fanout` others. */
  pull(): void {
    let answered = 0
    for (let place = this.known; place < this.#members; place++) {
      const member = this.#order[place] ?? 0
      if (this.#asks(member)) this.#answered[answered++] = member
    }
    for (let index = 0; index < answered; index++) {
      const member = this.#answered[index] ?? 0
      if (this.#states[member] === UNKNOWN) this.#learn(member)
    }
  }

  /** Those who learned know. */
  endRound(): void {
    for (let place = this.known; place < this.#learned; place++) {
      this.#states[this.#order[place] ?? 0] = KNOWN
    }
    this.known = this.#learned
  }

  #asks(member: number): boolean {
    let answered = false
    for (let asked = 0; asked < this.#fanout; asked++) {
      const other = this.#otherThan(member)
      this.messages += 1
      if (this.#isLost() || this.#states[other] !== KNOWN) continue
      this.messages += 1
      if (!this.#isLost()) answered = true
    }
    return answered
  }

  #learn(member: number): void {
    const place = this.#places[member] ?? 0
    const other = this.#order[this.#learned] ?? 0
    this.#order[place] = other
    this.#places[other] = place
    this.#order[this.#learned] = member
    this.#places[member] = this.#learned
    this.#states[member] = LEARNED
    this.#learned += 1
  }

  #otherThan(member: number): number {
    const drawn = Math.floor(this.#random.float() * (this.#members - 1))
    return drawn < member ? drawn : drawn + 1
  }

  #isLost(): boolean {
    return this.#loss > 0 && this.#random.float() < this.#loss
  }
}
