import type { Random } from '@colony/host'

/** The finaliser of MurmurHash3 (Appleby): every input bit flips every output bit with probability near one half. */
function avalanche(value: number): number {
  let mixed = value
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}

const TWO_TO_32 = 4_294_967_296
/** 2^32 over the golden ratio, odd: multiples of it are spread evenly. */
const STEP = 0x9e3779b9

/**
 * A stream whose numbers belong to moments: what is drawn first at a virtual time depends on that time and not on how much was drawn before. So a run from which an
 * operation or a fault is left out has the same luck everywhere else, which is what lets scenarios be shrunk that fail only by a rare coincidence. Numbers of one moment
 * follow each other as usual.
 */
export class MomentaryRandom implements Random {
  readonly #parent: Random
  readonly #clock: { readonly now: () => number }
  // Four fields and no array: a stream is forked for everything there is, at every start of a node.
  #key0 = 0
  #key1 = 0
  #key2 = 0
  #key3 = 0
  #moment = -1
  #count = 0
  #low = 0
  #high = 0

  /** Makes a stream of the numbers of `parent`; `clock` tells virtual microseconds. */
  constructor(parent: Random, clock: { readonly now: () => number }) {
    this.#parent = parent
    this.#clock = clock
  }

  float(): number {
    return this.#next() / TWO_TO_32
  }

  integer(min: number, max: number): number {
    const span = max - min
    // What is out of range is refused there, in the words that real hosts use.
    if (span >>> 0 !== span || !Number.isSafeInteger(min) || !Number.isSafeInteger(max))
      return this.#parent.integer(min, max)
    if (span === 0) return min
    // As many high bits as `span` has, drawn again while above it: no bias.
    const shift = Math.clz32(span)
    let drawn = this.#next() >>> shift
    while (drawn > span) drawn = this.#next() >>> shift
    return min + drawn
  }

  fork(label: string): Random {
    return new MomentaryRandom(this.#parent.fork(label), this.#clock)
  }

  #next(): number {
    const now = this.#clock.now()
    if (now !== this.#moment) this.#begin(now)
    this.#count = (this.#count + STEP) | 0
    return avalanche(avalanche(this.#low + this.#count) ^ this.#high) >>> 0
  }

  /** Before the first draw: most streams are only forked from, or never drawn from. */
  #makeKey(): void {
    const key = this.#parent.fork('moments')
    this.#key0 = (key.float() * TWO_TO_32) | 0
    this.#key1 = (key.float() * TWO_TO_32) | 0
    this.#key2 = (key.float() * TWO_TO_32) | 0
    this.#key3 = (key.float() * TWO_TO_32) | 0
  }

  #begin(now: number): void {
    if (this.#moment < 0) this.#makeKey()
    const seconds = Math.floor(now / TWO_TO_32)
    this.#moment = now
    this.#count = 0
    this.#low = avalanche(avalanche(now ^ this.#key0) ^ (seconds + this.#key1))
    this.#high = avalanche(avalanche(now ^ this.#key2) ^ (seconds + this.#key3))
  }
}
