import { jsonCodec, requireMethods, type Codec } from '@colony/host'
import { GossipError } from '../errors.ts'
import { invalidOption } from './options.ts'

const json: Codec<unknown> = jsonCodec()

/** The codec of a message: strict JSON where none is given. */
export function messageCodec<Value>(option: string, codec: Codec<Value> | undefined): Codec<Value> {
  if (codec === undefined) return json as Codec<Value>
  return requireMethods(invalidOption, option, codec, ['encode', 'decode'])
}

/** The bytes of a value of the user's. @throws A {@link GossipError} with code `GOSSIP_VALUE_NOT_ENCODABLE`. */
export function encodeValue<Value>(what: string, codec: Codec<Value>, value: Value): Uint8Array {
  try {
    return codec.encode(value)
  } catch (cause) {
    throw new GossipError(
      'GOSSIP_VALUE_NOT_ENCODABLE',
      `${what} can't be encoded: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
  }
}
