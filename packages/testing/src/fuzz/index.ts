/**
 * A fuzzer for decoders: any bytes must give a value or a typed error, within time and memory.
 * @module fuzz
 */
export { fuzzDecoder } from './fuzz-decoder.ts'
export { fuzzFromEnvironment, type FuzzSettings } from './fuzz-environment.ts'
export { type FuzzCheck, FuzzFailure } from './fuzz-failure.ts'
export type { Decoding, FuzzMemory, FuzzOptions, FuzzReport } from './fuzz-options.ts'
export { formatHex, parseHex } from './hex.ts'
