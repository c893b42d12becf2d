import { ColonyError } from './error.ts'

/**
 * A source of randomness that a simulation can own and repeat.
 * @category Seams
 */
export interface Random {
  /** A number in [0, 1), with 32 bits of randomness. */
  float(): number
  /** A whole number from `min` to `max`, both included. `max - min` must be below 2^32. */
  integer(min: number, max: number): number
  /**
   * An independent stream that depends only on this stream's seed and `label`, never on what was drawn before:
   * adding a stream, or drawing more from one, does not change any other.
   */
  fork(label: string): Random
}

/** 128 bits that name a stream: a hash of the seed and of every label on the way to it. */
type StreamKey = readonly [number, number, number, number]

/** Odd constants, one a lane, with well spread bits (the fractions of the square roots of 2, 3, 5 and 7). */
const ROOT_KEY: StreamKey = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a]

/** The finaliser of MurmurHash3 (Appleby): every input bit flips every output bit with probability near one half. */
function avalanche(value: number): number {
  let mixed = value
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}

/** Mixes `text` into a key: four lanes that feed each other for every code unit, then an avalanche across all of them. */
function deriveKey(key: StreamKey, text: string): StreamKey {
  let [a, b, c, d] = key
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    a = b ^ Math.imul(a ^ unit, 0x239b961b)
    b = c ^ Math.imul(b ^ unit, 0xab0e9789)
    c = d ^ Math.imul(c ^ unit, 0x38b34ae5)
    d = a ^ Math.imul(d ^ unit, 0xa1e38b93)
  }
  // The length ends the text: without it ('a', 'bc') and ('ab', 'c') would be one path.
  a = avalanche(a ^ text.length)
  b = avalanche(b ^ a)
  c = avalanche(c ^ b)
  d = avalanche(d ^ c)
  return [a ^ d, b ^ a, c ^ b, d ^ c]
}

/** Draws that separate the first output from the key; the author of sfc32 uses 12. */
const WARM_UP = 12

/** sfc32 ("small fast counting", C. Doty-Humphrey, PractRand): 128 bits of state, period at least 2^32, a few operations a draw. */
class Sfc32 implements Random {
  readonly #key: StreamKey
  /** Made for the first draw: many streams are only forked from. */
  #state: Int32Array | undefined

  constructor(key: StreamKey) {
    this.#key = key
  }

  #warmUp(): Int32Array {
    // Set one by one: `from` goes through an iterator.
    const state = new Int32Array(4)
    for (let lane = 0; lane < 4; lane++) state[lane] = this.#key[lane] as number
    this.#state = state
    for (let draw = 0; draw < WARM_UP; draw++) this.#next()
    return state
  }

  #next(): number {
    const state = (this.#state ?? this.#warmUp()) as unknown as [number, number, number, number]
    const b = state[1]
    const c = state[2]
    const counter = state[3]
    const result = (state[0] + b + counter) | 0
    state[0] = b ^ (b >>> 9)
    state[1] = (c + (c << 3)) | 0
    state[2] = (((c << 21) | (c >>> 11)) + result) | 0
    state[3] = (counter + 1) | 0
    return result >>> 0
  }

  float(): number {
    return this.#next() / 0x1_0000_0000
  }

  integer(min: number, max: number): number {
    const span = max - min
    if (span >>> 0 !== span || !Number.isSafeInteger(min) || !Number.isSafeInteger(max)) {
      throw new ColonyError(
        'HOST_INVALID_OPTION',
        `integer(min, max) takes whole numbers with 0 <= max - min < 2^32, not (${String(min)}, ${String(max)})`,
      )
    }
    if (span === 0) return min
    // As many high bits as `span` has, drawn again while above it: no bias, fewer than two draws on average.
    const shift = Math.clz32(span)
    let drawn = this.#next() >>> shift
    while (drawn > span) drawn = this.#next() >>> shift
    return min + drawn
  }

  fork(label: string): Random {
    return new Sfc32(deriveKey(this.#key, label))
  }
}

/**
 * A repeatable stream of pseudo-random numbers: the same seed and label give the same numbers in every version of colony that has
 * the same major number, on every platform. `createRandom(seed, label)` is `createRandom(seed).fork(label)`.
 *
 * Fast (a few nanoseconds a number) and good enough for simulations, jitter and election timeouts; not for secrets.
 * @param seed Any finite number or any string; `1` and `'1'` are different seeds.
 * @throws A {@link ColonyError} with code `HOST_INVALID_OPTION` for a seed that is neither.
 * @category Building blocks
 */
export function createRandom(seed: number | string, label?: string): Random {
  if (typeof seed !== 'string' && !Number.isFinite(seed)) {
    throw new ColonyError(
      'HOST_INVALID_OPTION',
      `seed must be a string or a finite number, not ${String(seed)}`,
    )
  }
  const root = new Sfc32(deriveKey(ROOT_KEY, typeof seed === 'number' ? `number:${seed}` : `string:${seed}`))
  return label === undefined ? root : root.fork(label)
}
