import { TestingError } from '../errors.ts'
import { shellQuoted } from '../run/shell-quoted.ts'
import { formatHex } from './hex.ts'

/**
 * What a decoder did wrong. `error`: it threw something that is not allowed. `time`, `memory`: it took too much. `round-trip`: a value did not encode, or did not come
 * back. `spelling`: a value that may have one spelling only was accepted in another.
 * @category Fuzzing
 */
export type FuzzCheck = 'error' | 'time' | 'memory' | 'round-trip' | 'spelling'

const MOST_TEXT = 1000

/** What went wrong with one input. */
export interface Fault {
  readonly check: FuzzCheck
  /** Completes "the decoder …". */
  readonly detail: string
  /** What tells this fault from another one of the same check. */
  readonly kind: string
  readonly cause?: unknown
}

/** Where a failure is reported and repeated. */
export interface FailurePlace {
  readonly name: string
  readonly file?: string
  readonly test?: string
}

/**
 * A decoder does not keep its promise. The message ends with the input and, where the file is known, with the line that repeats it.
 * @category Fuzzing
 */
export class FuzzFailure extends TestingError {
  /** What it did wrong. */
  readonly check: FuzzCheck
  /** The shortest input that was found to make it do so. */
  readonly input: Uint8Array
  /** How many inputs it took, the corpus included. */
  readonly inputs: number

  /** @internal */
  constructor(place: FailurePlace, fault: Fault, input: Uint8Array, inputs: number) {
    const { cause } = fault
    super('TESTING_FUZZ_FAILED', describe(place, fault, input, inputs), cause === undefined ? {} : { cause })
    this.check = fault.check
    this.input = input
    this.inputs = inputs
  }
}

function describe(place: FailurePlace, fault: Fault, input: Uint8Array, inputs: number): string {
  const shown = input.length === 0 ? 'no bytes' : formatHex(input)
  const found = `${place.name}: the decoder ${fault.detail} (${fault.check}, input ${inputs})`
  return `${found}\n\n${input.length} bytes: ${shown}${asText(input)}${repeatLine(place, input)}`
}

/** Bytes of a text format are easier to read as what they are. */
function asText(input: Uint8Array): string {
  const isText = input.length > 0 && input.every((byte) => byte >= 0x20 && byte < 0x7f)
  return isText ? `\nas text: ${String.fromCharCode(...input.subarray(0, MOST_TEXT))}` : ''
}

function repeatLine({ file, test }: FailurePlace, input: Uint8Array): string {
  if (file === undefined) return ''
  const name = test === undefined ? '' : ` -t ${shellQuoted(test)}`
  // The word stands for an input that no environment variable could hold: an empty one is no variable at all.
  const value = input.length === 0 ? 'empty' : formatHex(input)
  return `\n\nto repeat it:\nCOLONY_FUZZ_INPUT=${value} npx vitest run ${shellQuoted(file)}${name}`
}
