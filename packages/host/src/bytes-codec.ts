import type { Codec } from './core/codec.ts'
import { ColonyError } from './core/error.ts'
import { showValue } from './core/validate.ts'

/**
 * Takes bytes as they are, in both directions, without copying: for values that are encoded already. What was given to it must
 * not be changed afterwards.
 * @category Codecs
 */
export const bytesCodec: Codec<Uint8Array> = {
  encode(value) {
    // The tag and not `instanceof`, which is false for an array from another realm.
    if (Object.prototype.toString.call(value) === '[object Uint8Array]') return value
    throw new ColonyError('HOST_VALUE_NOT_ENCODABLE', `$ must be a Uint8Array, not ${showValue(value)}`)
  },
  decode: (bytes) => bytes,
}
