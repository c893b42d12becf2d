import { requireRange } from '../errors.ts'
import { environmentVariable } from '../run/environment.ts'
import { parseSeed, type Seed } from '../run/seeds.ts'
import { parseHex } from './hex.ts'

/**
 * How much to fuzz, as the environment has it: to be spread into the options of {@link fuzzDecoder}.
 * @category Fuzzing
 */
export interface FuzzSettings {
  /** Where the random numbers come from. */
  readonly seed: Seed
  /** How many inputs beside the corpus. */
  readonly inputs: number
  /** The one input to decode, when a failure is repeated. */
  readonly only?: Uint8Array
}

/**
 * How much to fuzz. The environment decides first, the same way for every decoder:
 *
 * - `COLONY_FUZZ`: how many inputs, in place of `inputs`: `COLONY_FUZZ=1000000`.
 * - `COLONY_SEED`: the seed, in place of `seed`; of several, separated by commas, the first.
 * - `COLONY_FUZZ_INPUT`: only this input, in hexadecimal (`empty` for no bytes), which is how a failure is repeated.
 * @throws A {@link TestingError} with code `TESTING_INVALID_OPTION` when a variable is out of range.
 * @category Fuzzing
 */
export function fuzzFromEnvironment(
  options: { readonly inputs?: number; readonly seed?: Seed } = {},
): FuzzSettings {
  const { inputs = 2000, seed = 1 } = options
  const wanted = environmentVariable('COLONY_FUZZ')
  const chosen = environmentVariable('COLONY_SEED')?.split(',')[0]?.trim()
  const only = environmentVariable('COLONY_FUZZ_INPUT')
  return {
    seed: chosen === undefined ? seed : parseSeed(chosen),
    inputs: wanted === undefined ? inputs : requireRange('COLONY_FUZZ', Number(wanted), 0, 1e9),
    ...(only !== undefined && { only: parseHex(only === 'empty' ? '' : only) }),
  }
}
