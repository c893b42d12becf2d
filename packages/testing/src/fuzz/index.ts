/**
 * A fuzzer for decoders: any bytes must give a value or a typed error, within time and memory.
 * @packageDocumentation
 */
export {}
