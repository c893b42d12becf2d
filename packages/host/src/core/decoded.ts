import type { ByteReader } from './bytes-reader.ts'
import { ColonyError } from './error.ts'

/**
 * What decoding bytes from elsewhere gives: a value, or the reason why there is none. Malformed bytes are an expected outcome,
 * so they are not thrown.
 * @category Building blocks
 */
export type Decoded<Value> =
  | {
      /** The bytes were well formed. */
      readonly ok: true
      /** What they said. */
      readonly value: Value
    }
  | {
      /** The bytes were malformed. */
      readonly ok: false
      /** Why: what did not fit, and where. */
      readonly error: ColonyError<'HOST_BYTES_MALFORMED'>
    }

/**
 * The outcome for well-formed bytes.
 * @category Building blocks
 */
export function decoded<Value>(value: Value): Decoded<Value> {
  return { ok: true, value }
}

/**
 * The outcome for malformed bytes; `reason` completes "malformed bytes: …".
 * @category Building blocks
 */
export function malformed(reason: string): Decoded<never> {
  return { ok: false, error: new ColonyError('HOST_BYTES_MALFORMED', `malformed bytes: ${reason}`) }
}

/**
 * Decodes one whole message: points `reader` at `bytes`, lets `read` take its fields, and gives the value only when every read
 * fitted and nothing is left over. Since reads do not throw, `read` needs no checks of its own, except {@link ByteReader.fail} for
 * what it alone can judge.
 * @category Building blocks
 */
export function decodeWith<Value>(
  reader: ByteReader,
  bytes: Uint8Array,
  read: (reader: ByteReader) => Value,
): Decoded<Value> {
  reader.reset(bytes)
  const value = read(reader)
  reader.end()
  return reader.reason === undefined ? decoded(value) : malformed(reader.reason)
}
