import { createRandom, type Random } from '@colony/host'
import { TestingError } from '../errors.ts'
import { type Fault, FuzzFailure } from './fuzz-failure.ts'
import {
  type CompleteFuzzOptions,
  completeOptions,
  type FuzzOptions,
  type FuzzReport,
} from './fuzz-options.ts'
import { minimise } from './minimise.ts'
import { mutate, type MutationSources } from './mutation.ts'
import { type Finding, Trial } from './trial.ts'

/** Inputs kept for what they brought out: more would only make the good ones rarer. */
const MOST_KEPT = 1000
/** After so many milliseconds the event loop gets a turn: a test runner wants to hear from its process. */
const TURN_MS = 100
const MINIMISE_LOOKS = 5000
/** Only what is slow takes so long. */
const MINIMISE_MS = 10_000
const MINIMISE_TRIES = 2

/**
 * Feeds a decoder with mutations of real frames: flipped bits, lies about lengths, pieces cut out, repeated and swapped between frames. Any bytes must give a
 * value or a typed error, within a bound of time and of memory; what decodes must encode and decode to the same value. Inputs that bring out something
 * new (another error, a value of another shape) are kept and mutated further.
 *
 * Everything follows from the seed. A decoder that does not return at all cannot be stopped from within: see {@link FuzzOptions.onInput}.
 * @throws A {@link FuzzFailure} (code `TESTING_FUZZ_FAILED`) with the shortest input found that shows the same fault; a {@link TestingError} with code
 *   `TESTING_INVALID_OPTION` when an option is out of range or a frame of the corpus is refused.
 * @category Fuzzing
 */
export async function fuzzDecoder<Value>(options: FuzzOptions<Value>): Promise<FuzzReport> {
  return await new FuzzRun(completeOptions(options)).run()
}

class FuzzRun<Value> {
  readonly #options: CompleteFuzzOptions<Value>
  readonly #trial: Trial<Value>
  readonly #random: Random
  readonly #corpus: Uint8Array[]
  readonly #rejects: Uint8Array[] = []
  readonly #outcomes = new Set<string>()
  readonly #refused: Record<string, number> = {}
  #inputs = 0
  #values = 0
  #slowestMs = 0

  constructor(options: CompleteFuzzOptions<Value>) {
    this.#options = options
    this.#trial = new Trial(options)
    this.#random = createRandom(options.seed, `fuzz:${options.name}`)
    this.#corpus = [...options.corpus]
  }

  async run(): Promise<FuzzReport> {
    const { name, only, inputs } = this.#options
    const started = performance.now()
    if (only === undefined) {
      await this.#decodeCorpus()
      await this.#decodeMutations(inputs)
    } else {
      await this.#take(only)
    }
    return {
      name,
      inputs: this.#inputs,
      values: this.#values,
      refused: this.#refused,
      outcomes: this.#outcomes.size,
      slowestMs: this.#slowestMs,
      elapsedMs: performance.now() - started,
    }
  }

  /** A corpus that is refused would fuzz the first check of the decoder and nothing behind it. */
  async #decodeCorpus(): Promise<void> {
    for (const [place, frame] of this.#options.corpus.entries()) {
      const { isValue, outcome } = await this.#take(frame)
      if (isValue) continue
      throw new TestingError('TESTING_INVALID_OPTION', `frame ${place} of the corpus is refused: ${outcome}`)
    }
  }

  async #decodeMutations(inputs: number): Promise<void> {
    const sources: MutationSources = {
      corpus: this.#corpus,
      refused: this.#rejects,
      dictionary: (this.#options.dictionary ?? []).map((piece) =>
        typeof piece === 'string' ? new TextEncoder().encode(piece) : piece,
      ),
      maxBytes: this.#options.maxBytes,
    }
    let turn = performance.now()
    for (let nth = 0; nth < inputs; nth++) {
      const input = mutate(this.#random, sources)
      const known = this.#outcomes.size
      const { isValue } = await this.#take(input)
      const kept = isValue ? this.#corpus : this.#rejects
      if (this.#outcomes.size > known && kept.length < MOST_KEPT) kept.push(input)
      if (performance.now() - turn < TURN_MS) continue
      await new Promise<void>((resolve) => {
        setTimeout(resolve, 0)
      })
      turn = performance.now()
    }
  }

  async #take(input: Uint8Array): Promise<Extract<Finding, { isValue: boolean }>> {
    this.#inputs++
    this.#options.onInput?.(input)
    const finding = await this.#trial.examine(input)
    if (finding.fault !== undefined) throw await this.#failure(finding.fault, input)
    if (finding.isValue) this.#values++
    else this.#refused[finding.code] = (this.#refused[finding.code] ?? 0) + 1
    this.#outcomes.add(finding.outcome)
    this.#slowestMs = Math.max(this.#slowestMs, finding.ms)
    return finding
  }

  async #failure(fault: Fault, input: Uint8Array): Promise<FuzzFailure> {
    // The message is that of the input which is shown, not of the one that was found first.
    let shown = fault
    const isSame = async (candidate: Uint8Array): Promise<boolean> => {
      const { fault: other } = await this.#trial.examine(candidate, MINIMISE_TRIES)
      if (other?.check !== fault.check || other.kind !== fault.kind) return false
      shown = other
      return true
    }
    const smallest = await minimise(input, isSame, MINIMISE_LOOKS, MINIMISE_MS)
    const { name, file, test } = this.#options
    const place = { name, ...(file !== undefined && { file }), ...(test !== undefined && { test }) }
    return new FuzzFailure(place, shown, smallest, this.#inputs)
  }
}
