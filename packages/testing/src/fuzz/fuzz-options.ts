import type { Decoded } from '@colony/host'
import { requireRange, TestingError } from '../errors.ts'
import type { Seed } from '../run/seeds.ts'
import { heapReader } from './memory-meter.ts'

/**
 * What a decoder gave for some bytes: a value; or `undefined` or a `Decoded` of host that is not `ok`, which count as refusals like an error that is allowed.
 * @category Fuzzing
 */
export type Decoding<Value> = Value | Decoded<Value> | undefined

/**
 * How much memory decoding may take. What is measured is what was allocated, garbage included, so the bounds are generous.
 * @category Fuzzing
 */
export interface FuzzMemory {
  /** Bytes allocated and not collected yet. Default: the heap and the buffers of Node; elsewhere memory is not measured. */
  readonly read?: () => number
  /** Allowed for each byte of the input, 0 to 10^6. Default 200: an empty object for every three characters of JSON, twice. */
  readonly bytesPerByte?: number
  /** Allowed for any input, in bytes, 0 to 10^10. Default 262,144: room for an error with its stack and for a first buffer. */
  readonly baseBytes?: number
}

/**
 * What to fuzz, and what must hold.
 * @category Fuzzing
 */
export interface FuzzOptions<Value> {
  /** Names the decoder in messages, and its stream of random numbers. */
  readonly name: string
  /** Real frames, each of which must decode to a value. At least one. */
  readonly corpus: readonly Uint8Array[]
  /** Decodes any bytes. May keep views into them. */
  readonly decode: (bytes: Uint8Array) => Decoding<Value> | Promise<Decoding<Value>>
  /** Encodes a value again: then every value that comes out must come back as it was. `undefined`: this value has no bytes of its own. */
  readonly encode?: (value: Value) => Uint8Array | undefined
  /** Whether two values are the same. Default: their fields and bytes are, prototypes included. */
  readonly same?: (one: Value, other: Value) => boolean
  /** Whether every value has one spelling only, so that encoding gives the very bytes that were decoded. Default `false`. */
  readonly canonical?: boolean
  /** Errors that a decoder may throw (or reject with). Default: every `ColonyError` of host. */
  readonly allowed?: (error: unknown) => boolean
  /** A name for what came out; inputs with a new one are kept to be mutated again. Default: the shape of the value. */
  readonly shape?: (value: Value) => string
  /** Pieces that mean something in the format (keywords, magic numbers), to be put into inputs. Default: none. */
  readonly dictionary?: readonly (string | Uint8Array)[]
  /** Where the random numbers come from. Default 1. */
  readonly seed?: Seed
  /** How many inputs beside the corpus, 0 to 10^9. Default 2,000. */
  readonly inputs?: number
  /** Decodes only this input, which is how a failure is repeated. */
  readonly only?: Uint8Array
  /** Longest input in bytes, 1 to 2^24. Default: twice the longest frame of the corpus, at least 1,024. */
  readonly maxBytes?: number
  /** Longest time for one input, in milliseconds, 0.001 to 10^6. Default 200. An input must exceed it five times in a row: a busy machine is no failure. */
  readonly maxMs?: number
  /** Bounds of memory; `false`: not measured. An input must exceed them five times in a row. */
  readonly memory?: FuzzMemory | false
  /**
   * Called with each input before it is decoded. Nothing can stop a decoder that never returns, so the test is ended by its time limit; the same seed again with
   * `onInput: (bytes) => writeFileSync('last-input', bytes)` leaves the input in that file.
   */
  readonly onInput?: (bytes: Uint8Array) => void
  /** The test file, as seen from where tests are started, for the line that repeats a failure. */
  readonly file?: string
  /** Name of the test, where the file has several. */
  readonly test?: string
}

/**
 * What a run of the fuzzer did. It found nothing, or it would have thrown.
 * @category Fuzzing
 */
export interface FuzzReport {
  /** The decoder. */
  readonly name: string
  /** Inputs that were decoded, the corpus included. */
  readonly inputs: number
  /** How many of them gave a value. */
  readonly values: number
  /** How many were refused, by the code of the error; `undefined` for refusals without one. */
  readonly refused: Readonly<Record<string, number>>
  /** Different outcomes: shapes of values, and messages of errors but for the numbers and names in them. */
  readonly outcomes: number
  /** Time for the slowest input, in milliseconds. */
  readonly slowestMs: number
  /** Time for everything, in milliseconds. */
  readonly elapsedMs: number
}

/** Options with their defaults. */
export type CompleteFuzzOptions<Value> = FuzzOptions<Value> &
  Required<Pick<FuzzOptions<Value>, 'seed' | 'inputs' | 'maxBytes' | 'maxMs'>> & {
    readonly limits: Required<FuzzMemory> | undefined
  }

const LEAST_MAX_BYTES = 1024

/** Refuses what is out of range, and fills in the rest. */
export function completeOptions<Value>(options: FuzzOptions<Value>): CompleteFuzzOptions<Value> {
  const { corpus, seed = 1, inputs = 2000, maxMs = 200 } = options
  if (corpus.length === 0) {
    throw new TestingError('TESTING_INVALID_OPTION', 'corpus must hold at least one real frame')
  }
  const longest = corpus.reduce((most, { length }) => Math.max(most, length), 0)
  const maxBytes = options.maxBytes ?? Math.max(LEAST_MAX_BYTES, 2 * longest)
  return {
    ...options,
    seed,
    inputs: requireRange('inputs', inputs, 0, 1e9),
    maxBytes: requireRange('maxBytes', maxBytes, 1, 2 ** 24),
    maxMs: requireRange('maxMs', maxMs, 0.001, 1e6),
    limits: memoryLimits(options.memory ?? {}),
  }
}

function memoryLimits(memory: FuzzMemory | false): Required<FuzzMemory> | undefined {
  if (memory === false) return undefined
  const { read = heapReader(), bytesPerByte = 200, baseBytes = 262_144 } = memory
  requireRange('memory.bytesPerByte', bytesPerByte, 0, 1e6)
  requireRange('memory.baseBytes', baseBytes, 0, 1e10)
  return read === undefined ? undefined : { read, bytesPerByte, baseBytes }
}
